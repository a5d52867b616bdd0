"""A random network as plain data: what is saved, shrunk and built again."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from codesign.errors import UserError
from codesign.files import write_json
from codesign.fuzz import layers
from codesign.fuzz.layers import Live
from codesign.ingest.testing import Net

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
    """

    shape: tuple[int, ...]
    layers: tuple[Layer, ...]
    seed: int = 0
    speed: int = 1

    def build(self) -> tuple[Net, str]:
        """The ONNX model under construction, and its output's name.

        Raises:
            layers.Misfit: the layers do not fit together.
        """
        net = Net((1, *self.shape), opset=17)
        live = [Live("x", self.shape, 1.0)]
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
            return Recipe(tuple(document["shape"]), tuple(document["layers"]), document["seed"], document["speed"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise UserError(f"{path} is no saved case of the fuzzer ({error}): name a file that it wrote.") from error
