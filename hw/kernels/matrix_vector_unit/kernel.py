"""Matrix-vector unit: the multiplications of a convolution or a fully connected layer."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from codesign.graph import MatMul, bits_for
from hw.design.stream import Port, Stream
from hw.kernels.kernel import Cycles, Kernel, Memory, Resources, must
from hw.kernels.matrix_vector_unit import cost
from hw.kernels.memory.memory import choose_form, choose_ram_form

SOFT_BITS = 4
"""Products of operands of at most so many bits are built of LUTs in synthesis, also where a DSP is asked for."""
AMD_PRODUCT_BITS = 9
"""The narrowest product for which yosys takes a DSP48."""


@dataclass(frozen=True, eq=False)
class MatrixVectorUnit(Kernel):
    """``weights @ x`` for every vector x of a stream, ``pe`` rows and ``simd`` columns a cycle.

    A vector is sent once, ``simd`` columns a word in the order of the weights' columns; ``pe`` rows a word come out, in
    the order of the rows.

    Attributes:
        weights: int64 [MH, MW].
        vectors: vectors in a frame.
        bits, signed: of an input.
        pe: rows a cycle; divides MH.
        simd: columns a cycle; divides MW.
        low, high: what inputs are known to lie between (padding included), int or int64 [MW]; else the stream's range.
        acc_bits: bits of an output, where more are wanted than the inputs' range and the weights need.
        multiplier: ``lut`` (logic) or ``dsp``, which is a wish: see ``form``.
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
    family: str = "ecp5"

    rtl = (
        "matrix_vector_unit.sv",
        "vector_buffer.sv",
        "dot_product.sv",
        "booth_lane.sv",
        "adder_tree.sv",
        "result_queue.sv",
        "../memory/rom.sv",
        "../memory/ram.sv",
    )
    folds = ("pe", "simd")

    def __post_init__(self) -> None:
        must(self.weights.ndim == 2, f"MatrixVectorUnit weights must have the shape [MH, MW], not {self.weights.shape}")
        must(self.vectors >= 1, f"MatrixVectorUnit vectors must be at least 1, not {self.vectors}")
        for name, limit, what in (("pe", self.rows, "MH"), ("simd", self.columns, "MW")):
            fold = getattr(self, name)
            must(
                fold >= 1 and limit % fold == 0,
                f"MatrixVectorUnit {name.upper()} must divide {what}={limit}, not {fold}",
            )
        must(
            self.multiplier in ("lut", "dsp"), f"MatrixVectorUnit multiplier must be lut or dsp, not {self.multiplier}"
        )
        need = bits_for(*self.range)[0]
        must(
            self.acc_bits is None or self.acc_bits >= need,
            f"MatrixVectorUnit acc_bits must be at least {need}, which its outputs need, not {self.acc_bits}",
        )

    @property
    def rows(self) -> int:
        return int(self.weights.shape[0])

    @property
    def columns(self) -> int:
        return int(self.weights.shape[1])

    @property
    def words(self) -> int:
        """Words in a vector (SF)."""
        return self.columns // self.simd

    @property
    def passes(self) -> int:
        """Passes over a vector (NF)."""
        return self.rows // self.pe

    @cached_property
    def weight_format(self) -> tuple[int, bool]:
        """Bits of a weight, and whether they are signed."""
        return bits_for(int(self.weights.min()), int(self.weights.max()))

    @cached_property
    def range(self) -> tuple[int, int]:
        """Smallest and largest output that inputs in their range can make."""
        stream = Stream(1, self.bits, self.signed)
        low = np.broadcast_to(np.asarray(stream.low if self.low is None else self.low, np.int64), (self.columns,))
        high = np.broadcast_to(np.asarray(stream.high if self.high is None else self.high, np.int64), (self.columns,))
        lows, highs = self.operator.range((low, high))
        return int(lows.min()), int(highs.max())

    @property
    def operator(self) -> MatMul:
        return MatMul(inputs=("x",), output="y", weights=self.weights)

    @property
    def inputs(self) -> tuple[Port, ...]:
        return (Port("s", Stream(self.simd, self.bits, self.signed), self.vectors * self.words),)

    @property
    def outputs(self) -> tuple[Port, ...]:
        bits, signed = bits_for(*self.range)
        return (Port("m", Stream(self.pe, self.acc_bits or bits, signed), self.vectors * self.passes),)

    def reference(self, *words: np.ndarray) -> tuple[np.ndarray, ...]:
        vectors = words[0].reshape(-1, self.vectors, self.columns)
        return (self.operator.run(vectors).reshape(len(vectors), -1, self.pe),)

    @property
    def form(self) -> str:
        """How products are made: ``lut``, or ``dsp`` where it is wanted and synthesis takes one for such a product."""
        bits, signed = self.weight_format
        operands = self.bits + (not self.signed), bits + (not signed)
        product = self.bits + bits + (not self.signed and not signed)
        small = max(operands) <= SOFT_BITS or (self.family != "ecp5" and product < AMD_PRODUCT_BITS)
        return "lut" if small else self.multiplier

    @property
    def digits(self) -> int:
        """Digits of a weight in base 4."""
        bits, signed = self.weight_format
        return (bits + (not signed) + 1) // 2

    @property
    def pipeline(self) -> int:
        """Cycles from the issue of a word to its sum: the RTL's TIME."""
        levels = (self.simd - 1).bit_length()
        if self.form == "dsp":
            return 2 + 1 + levels
        tree = (levels + 1) // 2 if self.digits == 1 else levels // 2 + 1 if levels else 0
        return 2 + max(2, self.digits) + tree

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

    def hold(self) -> int:
        """Both halves of the buffer, and what the pipeline holds."""
        return (2 * self.words if self.passes > 1 else self.words) + self.pipeline + 2

    def fold_limits(self) -> dict[str, int]:
        return {"pe": self.rows, "simd": self.columns}

    def verilog_parameters(self) -> dict[str, int | str]:
        bits, signed = self.weight_format
        return {
            "PE": self.pe,
            "SIMD": self.simd,
            "SF": self.words,
            "NF": self.passes,
            "X_BITS": self.bits,
            "X_SIGNED": int(self.signed),
            "W_BITS": bits,
            "W_SIGNED": int(signed),
            "ACC_BITS": self.outputs[0].stream.bits,
            "PLACES": self.places,
            "FORM": self.form,
            "ROM_FORM": self.rom_form,
            "BUFFER_FORM": self.buffer_form,
        }

    @property
    def rom_form(self) -> str:
        return choose_form(self.words * self.passes, self.pe * self.simd * self.weight_format[0], self.family)

    @property
    def buffer_words(self) -> int:
        """Words of the vector buffer: two halves, each a power of two; none where a vector is read once."""
        return 0 if self.passes == 1 else 2 << max(1, (self.words - 1).bit_length())

    @property
    def buffer_form(self) -> str:
        return choose_ram_form(max(1, self.buffer_words), self.simd * self.bits, self.family)

    def memories(self) -> dict[str, Memory]:
        bits = self.weight_format[0]
        tiles = self.weights.reshape(self.passes, self.pe, self.words, self.simd).transpose(0, 2, 1, 3)
        words = (tiles.reshape(-1, self.pe * self.simd) & ((1 << bits) - 1)).tolist()
        packed = tuple(sum(w << (bits * i) for i, w in enumerate(word)) for word in words)
        return {"WEIGHTS": Memory(packed, bits * self.pe * self.simd)}

    def resources(self, family: str) -> Resources:
        return cost.estimate(self, family)
