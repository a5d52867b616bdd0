"""What a form of the dot products must declare: how weights are stored, multiplied and summed.

A form is one file here and one of RTL, which ``dot_products.sv`` instantiates by the form's name.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np

from codesign.graph import bits_for
from hw.design.stream import Stream
from hw.kernels.kernel import Memory, Resources


@dataclass(frozen=True, eq=False)
class Operands:
    """What is multiplied: ``simd`` inputs with ``pe`` rows of weights a cycle.

    Attributes:
        tiles: weights of each cycle, which take turns, int64 [..., pe, simd]; may be a view.
        bits, signed: of an input.
        family: part family.
        ends: smallest and largest weight, where they are known.
    """

    tiles: np.ndarray
    bits: int
    signed: bool
    family: str
    ends: tuple[int, int] | None = None

    @property
    def pe(self) -> int:
        return int(self.tiles.shape[-2])

    @property
    def simd(self) -> int:
        return int(self.tiles.shape[-1])

    @property
    def words(self) -> int:
        """Words of weights."""
        return int(np.prod(self.tiles.shape[:-2]))

    @cached_property
    def weights(self) -> np.ndarray:
        """The tiles in a row, int64 [words, pe, simd]; a copy, made where contents are asked for."""
        return self.tiles.reshape(-1, self.pe, self.simd)

    @cached_property
    def weight_range(self) -> tuple[int, int]:
        """Smallest and largest weight."""
        return self.ends or (int(self.tiles.min()), int(self.tiles.max()))

    @cached_property
    def bipolar(self) -> bool:
        """Whether all weights are -1 or 1, which a bit can store."""
        return self.weight_range == (-1, 1) and bool(self.tiles.all())

    @cached_property
    def factor_bits(self) -> int:
        """Bits of what is multiplied."""
        return bits_for(*self.weight_range)[0]

    @cached_property
    def factor_signed(self) -> bool:
        return bits_for(*self.weight_range)[1]

    @property
    def weight_bits(self) -> int:
        """Bits of a weight that is stored by itself."""
        return 1 if self.bipolar else self.factor_bits

    @property
    def product_bits(self) -> int:
        """Bits of a product: one more where neither operand is signed, because the sums are."""
        return self.bits + self.factor_bits + (not self.signed and not self.factor_signed)

    @property
    def product_range(self) -> tuple[int, int]:
        """Smallest and largest product."""
        x = Stream(1, self.bits, self.signed)
        products = [a * w for a in (x.low, x.high) for w in self.weight_range]
        return min(products), max(products)


@dataclass(frozen=True, eq=False)
class Form(ABC):
    """Dot products of all rows, a new set every cycle; this class stores the weights one by one.

    Class attributes:
        name: value of the RTL's FORM, which is told apart by its last letter.
        multiplier: the wish that it answers, ``lut`` or ``dsp``.
        rtl: its modules, each a file of the kernel's folder.
        carries: whether a row's result is sum + carry, with a carry that is not always 0.
    """

    operands: Operands

    name: ClassVar[str]
    multiplier: ClassVar[str]
    rtl: ClassVar[tuple[str, ...]]
    carries: ClassVar[bool] = False

    @property
    @abstractmethod
    def fits(self) -> bool:
        """Whether it is right for the operands; the other properties are asked for only then."""

    @property
    @abstractmethod
    def sum_bits(self) -> int:
        """Bits of a row's sum, which is signed."""

    @property
    @abstractmethod
    def cycles(self) -> int:
        """Cycles from the operands to the sums."""

    @abstractmethod
    def resources(self) -> Resources:
        """What the dot products of all rows take on the operands' family."""

    @property
    def layout(self) -> int:
        """The RTL's LAYOUT, 32 bits whose meaning is the form's own."""
        return 0

    @property
    def word_bits(self) -> int:
        """Bits of a cycle's weights in memory."""
        o = self.operands
        return o.pe * o.simd * o.weight_bits

    def encode(self, weights: np.ndarray) -> list[int]:
        """Return a word of memory for each cycle's weights, int64 [words, pe, simd]."""
        if self.operands.bipolar:
            weights = weights > 0
        bits = self.operands.weight_bits
        return joined(weights.reshape(len(weights), -1), np.full(weights[0].size, bits))

    def memory(self, copies: int = 1) -> Memory:
        """Return the memory's contents, for ``copies`` side by side whose weights take turns in ``weights``."""
        encoded = self.encode(self.operands.weights)
        if copies == 1:
            return Memory(tuple(encoded), self.word_bits)
        words = np.array(encoded, object).reshape(-1, copies).tolist()
        return Memory(tuple(join(words, self.word_bits)), copies * self.word_bits)

    def verilog_parameters(self) -> dict[str, int | str]:
        """Return those of ``dot_products``, which the kernels around it hand on, and TIME, with their memories' two."""
        o = self.operands
        return {
            "X_BITS": o.bits,
            "X_SIGNED": int(o.signed),
            "W_BITS": o.weight_bits,
            "W_SIGNED": int(o.factor_signed and not o.bipolar),
            "BIPOLAR": int(o.bipolar),
            "W_WORD": self.word_bits,
            "SUM_BITS": self.sum_bits,
            "TIME": 2 + self.cycles,
            "FORM": self.name,
            "LAYOUT": self.layout,
        }


def joined(fields: np.ndarray, bits: np.ndarray) -> list[int]:
    """Return each word's fields as one integer, the first in the lowest bits.

    Args:
        fields: int64 [words, fields]; only a field's lowest bits count.
        bits: of each field, int64 [fields].
    """
    most = int(bits.max())
    low = fields.astype("<i8")[..., None].view(np.uint8)[..., : -(-most // 8)]
    found = np.unpackbits(low, axis=-1, count=most, bitorder="little").reshape(len(fields), -1)
    kept = np.flatnonzero(np.arange(most) < bits[:, None])
    rows = np.packbits(found if len(kept) == found.shape[1] else found[:, kept], axis=1, bitorder="little")
    size, data = rows.shape[1], rows.tobytes()
    return [int.from_bytes(data[at : at + size], "little") for at in range(0, len(data), size)]


def join(words: list[list[int]], bits: int) -> list[int]:
    """Return each word's fields, unsigned integers of ``bits`` bits, as one integer, the first in the lowest bits."""
    return [sum(field << (bits * i) for i, field in enumerate(word)) for word in words]
