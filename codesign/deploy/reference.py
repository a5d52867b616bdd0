"""The place ``reference``: the package's QONNX model on this machine, in float32 and in integers.

An accelerator elsewhere must give the integers of ``infer_integers`` exactly. ``infer`` is the network run in float32;
it may differ where float32 falls on the other side of a near tie that the ingest has listed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, NoReturn

import numpy as np
from codesign_board import inputs
from codesign_board.accelerator import Accelerator
from codesign_board.boundary import Tail
from codesign_board.errors import BoardError, PackageError
from codesign_board.package import Package
from codesign_board.packing import pack, unpack
from codesign_board.place import Place

from codesign.errors import CodesignError
from codesign.graph import IntegerGraph
from codesign.ingest import ingest
from codesign.ingest.boundary import integer_input
from codesign.ingest.float32 import Network
from codesign.ingest.verify import at_near_ties

FRAMES = 256
"""In one piece, at most: all of a network's tensors are held for each."""


def reference(package: Package) -> Reference:
    """Return the package's own model as an accelerator.

    Raises:
        PackageError: it has none, or one that is not the accelerator's.
    """
    return Reference(package)


class GraphPlace(Place):
    """Packed frames through the IntegerGraph: what goes in and out has the accelerator's own form.

    Args:
        package: what it stands for.
        graph: of the package's model.
    """

    name = "reference"
    where = "this machine, the model in integers"

    def __init__(self, package: Package, graph: IntegerGraph) -> None:
        super().__init__(package)
        self.graph = graph
        self._inputs = [np.zeros(0, np.uint8)] * 2
        self._outputs = [np.zeros(0, np.uint8)] * 2
        self._frames = 0

    def reserve(self, frames: int) -> int:
        return min(frames, FRAMES)

    def input(self, slot: int, frames: int) -> np.ndarray:
        size = frames * self.package.input.frame_bytes
        if self._inputs[slot].size != size:
            self._inputs[slot] = np.zeros(size, np.uint8)
        return self._inputs[slot]

    def start(self, slot: int, frames: int) -> None:
        made = self.graph.run(unpack(self._inputs[slot], self.package.input, frames))
        self._outputs[slot] = np.zeros(frames * self.package.output.frame_bytes, np.uint8)
        pack(made, self.package.output, self._outputs[slot])
        self._frames += frames

    def finish(self, slot: int) -> np.ndarray:
        return self._outputs[slot]

    def reset(self) -> None:
        self._frames = 0

    def read(self, register: str) -> int:
        """What a board would say; there is no clock, and no cycles pass."""
        package = self.package
        held = {
            "MAGIC": package.registers.magic,
            "VERSION": package.registers.version,
            "BUILD": package.build,
            "FRAMES_IN": self._frames,
            "FRAMES_OUT": self._frames,
        }
        return held.get(register, 0)

    def write(self, register: str, value: int) -> None:
        if register == "CONTROL" and value:
            self.reset()


class Reference(Accelerator):
    """The model itself; see the module.

    Args:
        package: with its model.

    Raises:
        PackageError: it has none, or one that is not the accelerator's.
    """

    def __init__(self, package: Package) -> None:
        path, head = package.file("model"), package.head
        declared = integer_input.name_of(head.low, head.high) if head.integer else None
        try:
            graph, self._report = ingest(path, package.model, input_type=declared)
            self._network = Network(path)
        except CodesignError as error:
            raise PackageError(f"The model {path} cannot be run here: {error}") from error
        ports = ((graph.input, package.input), (graph.output, package.output))
        ends = [(graph.tensors[name].shape, port.shape) for name, port in ports]
        boundary = [(graph.head.record(), head.record()), (_plain(graph.tail), _plain(package.tail))]
        if any(own != listed for own, listed in [*ends, *boundary]):
            raise PackageError(f"The model {path} is not the accelerator's: build the package again.")
        super().__init__(package, GraphPlace(package, graph))
        self._graph = graph

    def infer(self, x: Any) -> np.ndarray:
        """Return what the model gives in float32, as float64 [N, *output shape], of frames [N, *model_shape].

        Raises:
            InputError: see ``Accelerator.infer``.
        """
        x, _ = inputs.frames(x, self.package)
        with self._turn():
            parts = [self._network.run(x[start : start + FRAMES])[1] for start in range(0, len(x), FRAMES)]
        made = np.concatenate(parts).astype(np.float64)
        return made.reshape(len(x), *self.package.tail.model_shape)

    def stream(self, frames: Iterable[Any]) -> Iterator[np.ndarray]:
        """Yield what ``infer`` gives for frames as they come, in order."""
        for item in frames:
            x, lone = inputs.frames(item, self.package, single=True)
            made = self.infer(x)
            yield made[0] if lone else made

    def benchmark(self, seconds: float = 0.5) -> NoReturn:
        """Refuse: there is nothing here that has a clock.

        Raises:
            BoardError: always.
        """
        raise BoardError("The reference is no hardware, and its speed says nothing: measure at another place.")

    def near_ties(self, x: np.ndarray) -> np.ndarray:
        """Return, bool [N], for which frames float32 decides otherwise than the integers, on listed near ties only.

        Args:
            x: float32 [N, *model_shape].
        """
        return at_near_ties(self._graph, self._network, np.asarray(x, np.float32), self._report)


def _plain(tail: Tail) -> dict[str, Any]:
    """Without the labels, which the preset knows and its file does not."""
    return replace(tail, labels=()).record()
