"""Matrix-vector unit: the multiplications of a convolution or a fully connected layer."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np

from codesign.graph import Conv, MatMul, bits_for
from hw.design.stream import Port, Stream
from hw.kernels.kernel import Cycles, Kernel, Memory, Resources, must
from hw.kernels.matrix_vector_unit import cost
from hw.kernels.matrix_vector_unit.forms.form import Form, Operands
from hw.kernels.matrix_vector_unit.product import MULTIPLIERS, RTL, choose
from hw.kernels.memory.memory import check_wish, choose_ram_form, rom_form, wishes
from hw.kernels.padding import Padding
from hw.kernels.tokens import Link, Phase, Tokens, move, promised


@dataclass(frozen=True, eq=False)
class MatrixVectorUnit(Kernel):
    """``weights @ x`` for every vector x of a stream, ``pe`` rows and ``simd`` columns a cycle.

    A vector is sent once, ``simd`` columns a word in the order of the weights' columns; ``pe`` rows a word come out, in
    the order of the rows. With G sets of weights, as a convolution in groups has, the n-th vector meets set n mod G.

    Attributes:
        weights: int64 [MH, MW] or [G, MH, MW].
        vectors: vectors in a frame, a multiple of G.
        bits, signed: of an input.
        pe: rows a cycle; divides MH.
        simd: columns a cycle; divides MW.
        low, high: what inputs are known to lie between (padding included), int or int64 [MW] or [G, MW]; else the
            stream's range.
        acc_bits: bits of an output, where more are wanted than the inputs' range and the weights need.
        multiplier: ``lut`` (logic) or ``dsp``, which is a wish: see ``product.choose``.
        memory: form of the weights' ROM, ``lut``, ``block`` or what is cheaper (``auto``): see ``memory.py``.
        family: part family that the memories' forms are chosen for.
    """

    weights: np.ndarray
    vectors: int
    bits: int
    signed: bool = False
    pe: int = 1
    simd: int = 1
    low: int | np.ndarray | None = None
    high: int | np.ndarray | None = None
    acc_bits: int | None = None
    multiplier: str = "lut"
    memory: str = "auto"
    family: str = "ecp5"

    rtl = (
        "matrix_vector_unit.sv",
        "vector_buffer.sv",
        *(f"{name}.sv" for name in RTL),
        "result_queue.sv",
        "../memory/rom.sv",
        "../memory/ram.sv",
    )
    folds = ("pe", "simd")
    lasting = ("range",)

    def __post_init__(self) -> None:
        must(
            self.weights.ndim in (2, 3),
            f"MatrixVectorUnit weights must have the shape [MH, MW] or [G, MH, MW], not {self.weights.shape}",
        )
        must(self.vectors >= 1, f"MatrixVectorUnit vectors must be at least 1, not {self.vectors}")
        must(
            self.vectors % self.groups == 0,
            f"MatrixVectorUnit vectors must be a multiple of G={self.groups}, not {self.vectors}",
        )
        for name, limit, what in (("pe", self.rows, "MH"), ("simd", self.columns, "MW")):
            fold = getattr(self, name)
            must(
                fold >= 1 and limit % fold == 0,
                f"MatrixVectorUnit {name.upper()} must divide {what}={limit}, not {fold}",
            )
        must(self.multiplier in MULTIPLIERS, f"MatrixVectorUnit multiplier must be lut or dsp, not {self.multiplier}")
        check_wish("MatrixVectorUnit", self.memory, self.depth)
        need = bits_for(*self.range)[0]
        must(
            self.acc_bits is None or self.acc_bits >= need,
            f"MatrixVectorUnit acc_bits must be at least {need}, which its outputs need, not {self.acc_bits}",
        )

    @property
    def groups(self) -> int:
        """Sets of weights (G)."""
        return int(self.weights.shape[0]) if self.weights.ndim == 3 else 1

    @property
    def rows(self) -> int:
        return int(self.weights.shape[-2])

    @property
    def columns(self) -> int:
        return int(self.weights.shape[-1])

    @property
    def lanes(self) -> int:
        """Products a cycle."""
        return self.pe * self.simd

    @property
    def macs(self) -> int:
        """Multiply-accumulates of a frame."""
        return self.vectors * self.rows * self.columns

    @property
    def words(self) -> int:
        """Words in a vector (SF)."""
        return self.columns // self.simd

    @property
    def passes(self) -> int:
        """Passes over a vector (NF)."""
        return self.rows // self.pe

    @property
    def depth(self) -> int:
        """Words of weights."""
        return self.words * self.passes * self.groups

    @cached_property
    def range(self) -> tuple[int, int]:
        """Smallest and largest output that inputs in their range can make."""
        stream = Stream(1, self.bits, self.signed)
        ends = stream.low if self.low is None else self.low, stream.high if self.high is None else self.high
        low, high = (np.broadcast_to(np.asarray(end, np.int64), (self.groups, self.columns)).ravel() for end in ends)
        lows, highs = self.operator.range((low, high))
        return int(lows.min()), int(highs.max())

    @property
    def operator(self) -> MatMul | Conv:
        """The product with a vector, or with the G vectors of a position laid side by side."""
        if self.weights.ndim == 2:
            return MatMul(inputs=("x",), output="y", weights=self.weights)
        weights = self.weights.reshape(-1, 1, self.columns)
        return Conv(
            inputs=("x",),
            output="y",
            weights=weights,
            stride=(1,),
            pads=((0, 0),),
            dilation=(1,),
            groups=self.groups,
        )

    @property
    def inputs(self) -> tuple[Port, ...]:
        return (Port("s", Stream(self.simd, self.bits, self.signed), self.vectors * self.words),)

    @property
    def outputs(self) -> tuple[Port, ...]:
        bits, signed = bits_for(*self.range)
        return (Port("m", Stream(self.pe, self.acc_bits or bits, signed), self.vectors * self.passes),)

    def reference(self, *words: np.ndarray) -> tuple[np.ndarray, ...]:
        vectors = words[0].reshape(-1, self.vectors // self.groups, self.groups * self.columns)
        return (self.operator.run(vectors).reshape(len(vectors), -1, self.pe),)

    @cached_property
    def product(self) -> Form:
        """How a word's inputs and weights are multiplied and summed."""
        tiles = self.weights.reshape(self.groups * self.passes, self.pe, self.words, self.simd).transpose(0, 2, 1, 3)
        operands = Operands(tiles.reshape(-1, self.pe, self.simd), self.bits, self.signed, self.family)
        return choose(operands, self.multiplier)

    @property
    def pipeline(self) -> int:
        """Cycles from the issue of a word to its sum: the RTL's TIME."""
        return 2 + self.product.cycles

    @property
    def places(self) -> int:
        """Results that can wait for the output, so that a promise is back before the next one is needed."""
        if self.words >= self.pipeline + 2:
            return 1
        return 1 << max(1, (-(-(self.pipeline + 3) // self.words) - 1).bit_length())

    def cycles(self) -> Cycles:
        shown = self.words + self.pipeline + (self.places > 1)
        return Cycles(
            interval=self.vectors * self.words * self.passes,
            latency=shown if self.passes == 1 else shown + self.words,
        )

    def tokens(self) -> Tokens:
        words, out = self.words, promised(self.places, self.pipeline)
        if self.passes == 1:
            early = (Phase(take={"s0": 1}, times=words - 1),) if words > 1 else ()
            return Tokens({"m0": out}, ((*early, move("s0", "m0")),))
        # The vector is whole before its first pass and goes with the end of its last; a pass's end gives a result.
        whole = {"vector": words}
        early = (Phase(need=whole, cycles=words - 1),) if words > 1 else ()
        passes = Phase(need=whole, give={"m0": 1}, cycles=words, times=self.passes - 1)
        reader = (*early, passes, Phase(take=whole, give={"m0": 1}))
        return Tokens({"m0": out, "vector": Link(2 * words)}, ((move("s0", "vector"),), reader))

    def forms(self) -> tuple[dict[str, Any], ...]:
        """Multipliers of logic or DSPs, each with the weights in every form of memory."""
        units = (self if self.multiplier == wish else self.fold(multiplier=wish, memory="auto") for wish in MULTIPLIERS)
        return tuple(
            {"multiplier": unit.multiplier, "memory": memory}
            for unit in units
            for memory in wishes(self.depth, unit.product.word_bits, self.family)
        )

    def padded(self, channels_in: Padding, channels_out: Padding) -> Self | None:
        """Padded rows repeat others, which adds nothing to the outputs' range; padded columns are zero."""
        if not channels_in.fits(self.columns) or not channels_out.fits(self.rows):
            return None
        weights = channels_out.repeat(channels_in.zero(self.weights, -1), -2)
        low, high = (channels_in.repeat(e, -1) if isinstance(e, np.ndarray) else e for e in (self.low, self.high))
        return dataclasses.replace(self, weights=weights, low=low, high=high)

    def fold_limits(self) -> dict[str, int]:
        return {"pe": self.rows, "simd": self.columns}

    def verilog_parameters(self) -> dict[str, int | str]:
        groups = {"GROUPS": self.groups} if self.groups > 1 else {}
        return {
            "PE": self.pe,
            "SIMD": self.simd,
            "SF": self.words,
            "NF": self.passes,
            **groups,
            **self.product.verilog_parameters(),
            "ACC_BITS": self.outputs[0].stream.bits,
            "PLACES": self.places,
            "ROM_FORM": self.rom_form,
            "BUFFER_FORM": self.buffer_form,
        }

    @property
    def rom_form(self) -> str:
        return rom_form(self.memory, self.depth, self.product.word_bits, self.family)

    @property
    def buffer_words(self) -> int:
        """Words of the vector buffer: two halves, each a power of two; none where a vector is read once."""
        return 0 if self.passes == 1 else 2 << max(1, (self.words - 1).bit_length())

    @property
    def buffer_form(self) -> str:
        return choose_ram_form(max(1, self.buffer_words), self.simd * self.bits, self.family)

    def memories(self) -> dict[str, Memory]:
        return {"WEIGHTS": self.product.memory()}

    def resources(self, family: str) -> Resources:
        return cost.estimate(self, family)
