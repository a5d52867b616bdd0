"""The Design: kernel instances and the streams between them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import networkx as nx
import numpy as np

from hw.design import loads, storage
from hw.design.loads import LoadPackets
from hw.design.stream import Port
from hw.kernels.kernel import Kernel, Load, Resources


@dataclass(frozen=True)
class End:
    """One port of one instance; ``instance`` is empty for the design's own boundary."""

    instance: str
    port: int = 0


BOUNDARY = ""


@dataclass(eq=False)
class Design:
    """A network as hardware: what is instantiated, and what is connected to what.

    Attributes:
        name: the model's name.
        kernels: the instances by name, each a legal Verilog identifier.
        edges: the stream's source by its target; a stream has one source and one target (forks are kernels).
        tensors: name of the graph's tensor that an instance's output carries, where there is one.
    """

    name: str
    kernels: dict[str, Kernel] = field(default_factory=dict)
    edges: dict[End, End] = field(default_factory=dict)
    tensors: dict[str, str] = field(default_factory=dict)

    def source_port(self, end: End) -> Port:
        """Port at a stream's beginning: an instance's output, or the design's input."""
        return self.input if end.instance == BOUNDARY else self.kernels[end.instance].outputs[end.port]

    def target_port(self, end: End) -> Port:
        """Port at a stream's end: an instance's input, or the design's output."""
        return self.output if end.instance == BOUNDARY else self.kernels[end.instance].inputs[end.port]

    @property
    def input(self) -> Port:
        """The design's input: the form of the first kernel's."""
        target = next(t for t, s in self.edges.items() if s.instance == BOUNDARY)
        return _renamed(self.kernels[target.instance].inputs[target.port], "s")

    @property
    def output(self) -> Port:
        """The design's output: the form of the last kernel's."""
        source = self.edges[End(BOUNDARY)]
        return _renamed(self.kernels[source.instance].outputs[source.port], "m")

    def targets(self) -> dict[End, End]:
        """Every stream's target by its source."""
        return {source: target for target, source in self.edges.items()}

    def graph(self) -> nx.DiGraph:
        """Instances as nodes, streams as edges; the boundary is left out."""
        graph = nx.DiGraph()
        graph.add_nodes_from(self.kernels)
        graph.add_edges_from(
            (s.instance, t.instance) for t, s in self.edges.items() if BOUNDARY not in (s.instance, t.instance)
        )
        return graph

    def order(self) -> list[str]:
        """Instances from the input to the output; the same for the same design."""
        rank = {name: index for index, name in enumerate(self.kernels)}
        return list(nx.lexicographical_topological_sort(self.graph(), key=rank.__getitem__))

    def inputs_of(self, name: str) -> Iterator[tuple[End, End]]:
        """(target, source) of each input of an instance, in the ports' order."""
        for port in range(len(self.kernels[name].inputs)):
            yield End(name, port), self.edges[End(name, port)]

    def chain(self) -> dict[str, Load]:
        """Return what comes through the weight-load port by instance, in the order of its chain.

        Raises:
            ValueError: loads make no packets together. Not ``check``'s matter, for large loads take seconds to make.
        """
        found = {name: load for name, kernel in self.kernels.items() if (load := kernel.load()) is not None}
        ordered = {name: found[name] for name in self.order() if name in found} if found else {}
        loads.check(self.name, ordered)
        return ordered

    @property
    def loads(self) -> list[str]:
        """Instances on the weight-load port, in the order of its chain; without any there is no port."""
        return list(self.chain())

    def load_packets(self) -> LoadPackets:
        """Return what is to come through the weight-load port: the start packet and a frame's packets."""
        return loads.packets(self.chain())

    def check(self) -> None:
        """Raise ValueError where a port is open or two ends of a stream differ."""
        targets = self.targets()
        if len(targets) != len(self.edges):
            raise ValueError(f"{self.name}: a stream has two targets; a fork is missing")
        for name, kernel in self.kernels.items():
            for port in range(len(kernel.inputs)):
                if End(name, port) not in self.edges:
                    raise ValueError(f"{name}: input {port} is open")
            for port in range(len(kernel.outputs)):
                if End(name, port) not in targets:
                    raise ValueError(f"{name}: output {port} is open")
        for target, source in self.edges.items():
            a, b = self.source_port(source), self.target_port(target)
            if (a.stream, a.words) != (b.stream, b.words):
                raise ValueError(
                    f"{source} gives {a.words} words of {a.stream}, {target} takes {b.words} of {b.stream}"
                )

    def run(self, words: np.ndarray) -> np.ndarray:
        """Return the output's words for the input's, int64 [frames, words, lanes], by the kernels' references."""
        return self.trace(words)[self.edges[End(BOUNDARY)]]

    def trace(self, words: np.ndarray) -> dict[End, np.ndarray]:
        """Return every stream's words by its source, as ``run`` does the output's."""
        carried: dict[End, np.ndarray] = {End(BOUNDARY): words}
        for name in self.order():
            results = self.kernels[name].reference(*(carried[source] for _, source in self.inputs_of(name)))
            carried.update({End(name, port): result for port, result in enumerate(results)})
        return carried

    @property
    def bottleneck(self) -> str:
        """The instance with the longest interval."""
        return max(self.kernels, key=lambda name: self.kernels[name].interval)

    @property
    def interval(self) -> int:
        """Cycles a frame, predicted: the slowest kernel's interval, or what the weight-load port takes for all."""
        cycles = [kernel.cycles() for kernel in self.kernels.values()]
        return max(max(c.interval for c in cycles), sum(c.load for c in cycles))

    @property
    def load_words(self) -> int:
        """Words that come through the weight-load port in every frame, one a cycle."""
        return sum(kernel.cycles().load for kernel in self.kernels.values())

    def resources(self, family: str) -> Resources:
        """Sum of the kernels' estimates."""
        return sum((kernel.resources(family) for kernel in self.kernels.values()), Resources())

    def save(self, directory: Path) -> None:
        """Write ``design.json`` and ``design.npz`` into ``directory``, whole or not at all."""
        storage.save(self, directory)

    @staticmethod
    def load(directory: Path) -> Design:
        """Read what ``save`` wrote."""
        return storage.load(directory)


def _renamed(port: Port, name: str) -> Port:
    return Port(name, port.stream, port.words)
