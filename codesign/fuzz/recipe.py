"""A random network as plain data: what is saved, shrunk and built again."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from codesign.errors import UserError
from codesign.files import write_json
from codesign.fuzz import layers
from codesign.fuzz.layers import Draft, Live
from codesign.fuzz.layers.illegal import is_illegal
from codesign.ingest.boundary.integer_input import range_of

Layer = dict[str, Any]
"""``op``, ``in`` (indices of earlier tensors, 0 being the model's input) and the parameters that ``layers`` names."""


@dataclass(frozen=True)
class Recipe:
    """One network and how it is folded.

    Attributes:
        shape: one frame of the input, channels first.
        layers: each makes one tensor; the last one's is the output.
        seed: of frames and stalls.
        speed: how many times as fast as unfolded the design shall be.
        opset: of ONNX.
        input_type: integers that the input holds, such as uint8, with the scale 1; '' where it holds floats.
    """

    shape: tuple[int, ...]
    layers: tuple[Layer, ...]
    seed: int = 0
    speed: int = 1
    opset: int = 17
    input_type: str = ""

    def begin(self) -> tuple[Draft, Live]:
        """An empty model, and its input."""
        if not self.input_type:
            return Draft((1, *self.shape), self.opset), Live("x", self.shape, 1.0)
        low, high = range_of(self.input_type) or (0, 0)
        return Draft((1, *self.shape), self.opset), Live("x", self.shape, (high - low) / 12**0.5, 1.0, low)

    def frames(self, count: int) -> np.ndarray:
        """Random frames of the input, float32 [count, *shape]."""
        rng = np.random.default_rng(self.seed)
        ends = range_of(self.input_type) if self.input_type else None
        if ends is not None:
            return rng.integers(*ends, (count, *self.shape), endpoint=True).astype(np.float32)
        return rng.standard_normal((count, *self.shape)).astype(np.float32)

    @property
    def illegal(self) -> bool:
        """Whether the network must be refused."""
        return any(is_illegal(layer) for layer in self.layers)

    def build(self) -> tuple[Draft, str]:
        """The ONNX model under construction, and its output's name.

        Raises:
            layers.Misfit: the layers do not fit together.
        """
        net, x = self.begin()
        live = [x]
        for layer in self.layers:
            inputs = [live[i] for i in layer["in"]]
            live.append(layers.build(net, inputs, layer))
        return net, live[-1].name

    def fits(self) -> bool:
        """Whether the layers fit together."""
        try:
            self.build()
        except layers.Misfit:
            return False
        return True

    def needed(self) -> Recipe:
        """The same network without layers that its output does not depend on."""
        wanted = {len(self.layers)}
        for index in range(len(self.layers), 0, -1):
            if index in wanted:
                wanted |= set(self.layers[index - 1]["in"])
        kept = sorted(i for i in wanted if i)
        place = {0: 0} | {old: new for new, old in enumerate(kept, 1)}
        found = tuple({**self.layers[i - 1], "in": [place[j] for j in self.layers[i - 1]["in"]]} for i in kept)
        return replace(self, layers=found)

    def save(self, path: Path) -> None:
        """Write as JSON."""
        write_json(path, asdict(self))

    @staticmethod
    def load(path: Path) -> Recipe:
        """Read what ``save`` wrote.

        Raises:
            UserError: no such file, or no recipe.
        """
        try:
            document = json.loads(path.read_text())
            shape, layers = tuple(document["shape"]), tuple(document["layers"])
            kept = {k: document[k] for k in ("opset", "input_type") if k in document}
            return Recipe(shape, layers, document["seed"], document["speed"], **kept)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise UserError(f"{path} is no saved case of the fuzzer ({error}): name a file that it wrote.") from error
