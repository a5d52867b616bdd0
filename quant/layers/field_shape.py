"""Sizes of convolutions over fields and of the encoder-decoder made of them; needs no torch."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

from codesign.errors import UserError


@dataclass(frozen=True)
class Filters:
    """Sizes of one layer's filters, and what they cost in closed form.

    Attributes:
        inputs, outputs: channels.
        kernel: taps along the height and along the width; odd.
        rank: one-way products a filter; 0 means the classical, dense filter.
        ways: 3 (height, width, input channel), or 2, where a filter sees one input channel (depthwise; `outputs` is a
            multiple of `inputs`).
    """

    inputs: int
    outputs: int
    kernel: int = 3
    rank: int = 0
    ways: int = 3

    def __post_init__(self) -> None:
        for name, low in (("inputs", 1), ("outputs", 1), ("kernel", 1), ("rank", 0)):
            if getattr(self, name) < low:
                raise UserError(f"A convolution's {name} must be at least {low}, not {getattr(self, name)}.")
        if self.kernel % 2 == 0:
            raise UserError(f"A convolution's kernel must be odd, not {self.kernel}: an even one shifts the field.")
        if self.ways not in (2, 3):
            raise UserError(f"A filter is compressed in 2 or 3 ways, not {self.ways}.")
        if self.ways == 2 and self.outputs % self.inputs:
            raise UserError(
                f"2-way filters see one channel each: outputs must be a multiple of inputs={self.inputs}, "
                f"not {self.outputs}."
            )

    @property
    def per_filter(self) -> int:
        """Weights of one filter: rank * (2 * kernel + inputs), or rank * 2 * kernel; dense kernel**2 * inputs."""
        seen = self.inputs if self.ways == 3 else 1
        if not self.rank:
            return self.kernel**2 * seen
        return self.rank * (2 * self.kernel + (seen if self.ways == 3 else 0))

    @property
    def weights(self) -> int:
        """Of the layer; also the products at each position of the field."""
        return self.outputs * self.per_filter


def check_field(field: tuple[int, int], kernel: int) -> None:
    """Refuse a kernel that does not fit the field (height, width).

    Raises:
        UserError: it is larger.
    """
    if kernel > min(field):
        raise UserError(
            f"A kernel of {kernel} is larger than the field of {field[0]} x {field[1]}: choose a smaller kernel or a "
            "larger field."
        )


@dataclass(frozen=True)
class FieldShape:
    """Sizes of an encoder-decoder over fields.

    Every level but the last halves the field on the way down; on the way up it is doubled again and laid beside the
    level's own features.

    Attributes:
        field: height and width; multiples of 2**(levels - 1).
        inputs, outputs: channels.
        widths: channels of the levels, the finest first.
        rank: of every convolution over the field; 0: classical.
        kernel: taps along each axis.
        window: ((top, bottom), (left, right)), the part of the field that the decoder works on; None: all of it.
    """

    field: tuple[int, int]
    inputs: int
    outputs: int
    widths: tuple[int, ...]
    rank: int = 0
    kernel: int = 3
    window: tuple[tuple[int, int], tuple[int, int]] | None = None

    def __post_init__(self) -> None:
        if len(self.widths) < 2:
            raise UserError(f"An encoder-decoder has 2 levels at least, not {len(self.widths)}.")
        step = 2 ** (len(self.widths) - 1)
        if any(size < 1 or size % step for size in self.field):
            raise UserError(
                f"The field of {self.field[0]} x {self.field[1]} cannot be halved {len(self.widths) - 1} times: its "
                f"sides must be multiples of {step}."
            )
        for (start, stop), size in zip(self.window_at(0), self.field, strict=True):
            if start % step or stop % step or not 0 <= start < stop <= size:
                raise UserError(
                    f"The window from {start} to {stop} must lie within 0 to {size} and begin and end at multiples of "
                    f"{step}."
                )
        check_field((self.field[0] // step, self.field[1] // step), self.kernel)
        check_field(self._sizes(len(self.widths) - 2), self.kernel)

    def window_at(self, level: int) -> tuple[tuple[int, int], tuple[int, int]]:
        """Rows and columns of a level that the decoder works on."""
        rows, columns = self.window or ((0, self.field[0]), (0, self.field[1]))
        return (rows[0] >> level, rows[1] >> level), (columns[0] >> level, columns[1] >> level)

    def _sizes(self, level: int) -> tuple[int, int]:
        (top, bottom), (left, right) = self.window_at(level)
        return bottom - top, right - left

    def down(self) -> tuple[Filters, ...]:
        """Filters of the encoder, the finest level first."""
        channels = (self.inputs, *self.widths)
        return tuple(self._filters(a, b) for a, b in zip(channels, self.widths, strict=False))

    def up(self) -> tuple[Filters, ...]:
        """Filters of the decoder, the coarsest first: they read a level's features beside what comes from below."""
        pairs = zip(self.widths[:-1], self.widths[1:], strict=True)
        return tuple(self._filters(fine + coarse, fine) for fine, coarse in pairs)[::-1]

    def _filters(self, inputs: int, outputs: int) -> Filters:
        return Filters(inputs, outputs, self.kernel, self.rank)

    def weights(self) -> int:
        """Of all convolutions, the last 1x1 included; without biases and the scales and offsets of BatchNorm."""
        return sum(f.weights for f in (*self.down(), *self.up())) + self.widths[0] * self.outputs

    def macs(self) -> int:
        """Multiply-accumulates of one field; products with padding zeros are counted."""
        positions = self.field[0] * self.field[1]
        down = sum(f.weights * (positions >> 2 * level) for level, f in enumerate(self.down()))
        up = sum(f.weights * prod(self._sizes(level)) for level, f in enumerate(reversed(self.up())))
        return down + up + self.widths[0] * self.outputs * prod(self._sizes(0))
