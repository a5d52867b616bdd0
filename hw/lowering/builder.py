"""What a lowering rule is given to work with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from codesign.graph import IntegerGraph, Operator
from hw.design.design import Design, End
from hw.design.stream import Port
from hw.kernels.kernel import Kernel

Rule = Callable[["Builder", Operator], None]
RULES: dict[type[Operator], Rule] = {}
AnyRule = TypeVar("AnyRule", bound=Callable[..., None])


def lowers(operator: type[Operator]) -> Callable[[AnyRule], AnyRule]:
    """Register the decorated function as the rule of ``operator``: ``rule(builder, op)``."""

    def register(rule: AnyRule) -> AnyRule:
        RULES[operator] = rule
        return rule

    return register


@dataclass(eq=False)
class Builder:
    """A Design under construction, and where each tensor of the graph comes from.

    Attributes:
        graph: what is lowered.
        design: what has been made; a source may have several readers until the forks are put in.
        family: part family, where a kernel's form depends on it.
        streamed: outputs of the operators whose sets of weights come in every frame.
        sources: the stream that carries a tensor, by the tensor's name.
        readers: (source, target) pairs in the order in which they were asked for.
    """

    graph: IntegerGraph
    design: Design
    family: str
    streamed: frozenset[str] = frozenset()
    sources: dict[str, End] = field(default_factory=dict)
    readers: list[tuple[End, End]] = field(default_factory=list)
    _count: Counter[str] = field(default_factory=Counter)

    def add(self, kernel: Kernel, *sources: End, tensor: str = "") -> End:
        """Instantiate ``kernel``, let it read ``sources`` and return its first output."""
        name = f"{kernel.module}_{self._count[kernel.module]}"
        self._count[kernel.module] += 1
        self.design.kernels[name] = kernel
        self.readers += [(source, End(name, port)) for port, source in enumerate(sources)]
        if tensor:
            self.design.tensors[name] = tensor
        return End(name)

    def port(self, source: End) -> Port:
        """The port at a stream's beginning; its stream's bits and sign are what the reader must take."""
        return self.design.kernels[source.instance].outputs[source.port]

    def make(self, op: Operator, kernel: Kernel, *sources: End) -> None:
        """``add`` the kernel whose output is the operator's."""
        self.sources[op.output] = self.add(kernel, *sources, tensor=op.output)
