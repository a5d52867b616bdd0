"""Sizes of the residual 1-D CNN over time; needs no torch."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class TemporalShape:
    """Sizes of one net. `widths[0]` is the stem's and the first stage's; every later stage halves the frames.

    With `groups` > 1 inputs and widths count all groups, and a convolution sees its own group only.
    """

    frames: int
    inputs: int
    widths: tuple[int, ...]
    kernel: int
    classes: int
    convolutions: int = 3
    groups: int = 1

    def macs(self) -> int:
        """Multiply-accumulates of one sequence, in closed form; products with padding zeros are counted."""
        return self.tower_macs() + self.widths[-1] * self.classes

    def tower_macs(self) -> int:
        """Those of the convolutions."""
        frames, width = self.frames, self.widths[0]
        total = frames * self.kernel * self.inputs * width
        for stage, out in enumerate(self.widths):
            if stage:
                frames = -(-frames // 2)
                total += frames * width * out
            total += frames * self.kernel * out * (width + (self.convolutions - 1) * out)
            width = out
        return total // self.groups
