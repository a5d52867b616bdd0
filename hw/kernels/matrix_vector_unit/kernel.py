"""Matrix-vector unit: the multiplications of a convolution or a fully connected layer."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, Self

import numpy as np

from codesign.graph import Conv, MatMul, bits_for
from hw.design.stream import Port, Stream
from hw.kernels.kernel import Cycles, Kernel, Load, Memory, Resources, must
from hw.kernels.matrix_vector_unit import cost
from hw.kernels.matrix_vector_unit.forms.form import Form, Operands
from hw.kernels.matrix_vector_unit.product import MULTIPLIERS, RTL, choose
from hw.kernels.memory.loaded import Rows
from hw.kernels.memory.memory import ULTRA, check_wish, choose_ram_form, rom_form, wishes, worth_ultra
from hw.kernels.padding import Padding
from hw.kernels.tokens import Link, Phase, Tokens, move, promised


@dataclass(frozen=True, eq=False)
class MatrixVectorUnit(Kernel):
    """``weights @ x`` for every vector x of a stream, ``pe`` rows and ``simd`` columns a cycle.

    A vector is sent once, ``simd`` columns a word in the order of the weights' columns; ``pe`` rows a word come out, in
    the order of the rows. With G matrices, as a convolution in groups has, the n-th vector meets matrix n mod G. With S
    sets of them, a frame's vectors are S blocks of the same length, and block s meets set s.

    Attributes:
        weights: int64 [MH, MW], [G, MH, MW] or [S, G, MH, MW].
        vectors: vectors in a frame, a multiple of S * G.
        bits, signed: of an input.
        pe: rows a cycle; divides MH.
        simd: columns a cycle; divides MW.
        low, high: what inputs are known to lie between (padding included), int or int64 [MW], [G, MW] or [S, G, MW];
            else the stream's range.
        acc_bits: bits of an output, where more are wanted than the inputs' range and the weights need.
        multiplier: ``lut`` (logic) or ``dsp``, which is a wish: see ``product.choose``.
        memory: form of the weights' memory, ``lut``, ``block`` or what is cheaper (``auto``): see ``memory.py``. On
            xcup also ``ultra``, which has no initial contents: the weights come through the weight-load port, once.
        family: part family that the memories' forms are chosen for.
        streamed: the sets come through the weight-load port in every frame, into a memory of two.
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
    streamed: bool = False

    rtl = (
        "matrix_vector_unit.sv",
        "loaded_matrix_vector_unit.sv",
        "matrix_vector_core.sv",
        "vector_buffer.sv",
        *(f"{name}.sv" for name in RTL),
        "result_queue.sv",
        "../memory/rom.sv",
        "../memory/ram.sv",
        "../memory/loaded_memory.sv",
        "../memory/set_counter.sv",
        "../register_slice/register_slice.sv",
    )
    folds = ("pe", "simd")
    lasting = ("range", "ends")

    def __post_init__(self) -> None:
        must(
            self.weights.ndim in (2, 3, 4),
            f"MatrixVectorUnit weights must have the shape [MH, MW], [G, MH, MW] or [S, G, MH, MW], "
            f"not {self.weights.shape}",
        )
        must(self.vectors >= 1, f"MatrixVectorUnit vectors must be at least 1, not {self.vectors}")
        must(
            self.vectors % (self.sets * self.groups) == 0,
            f"MatrixVectorUnit vectors must be a multiple of {'S*' * (self.sets > 1)}G={self.sets * self.groups}, "
            f"not {self.vectors}",
        )
        for name, limit, what in (("pe", self.rows, "MH"), ("simd", self.columns, "MW")):
            fold = getattr(self, name)
            must(
                fold >= 1 and limit % fold == 0,
                f"MatrixVectorUnit {name.upper()} must divide {what}={limit}, not {fold}",
            )
        must(self.multiplier in MULTIPLIERS, f"MatrixVectorUnit multiplier must be lut or dsp, not {self.multiplier}")
        check_wish("MatrixVectorUnit", self.memory, self.depth, self.family)
        must(
            not self.streamed or self.sets > 1,
            "MatrixVectorUnit weights must be at least 2 sets [S, G, MH, MW] to be streamed, not one",
        )
        need = bits_for(*self.range)[0]
        must(
            self.acc_bits is None or self.acc_bits >= need,
            f"MatrixVectorUnit acc_bits must be at least {need}, which its outputs need, not {self.acc_bits}",
        )

    @property
    def sets(self) -> int:
        """Sets of weights, a block of vectors each (S)."""
        return int(self.weights.shape[0]) if self.weights.ndim == 4 else 1

    @property
    def groups(self) -> int:
        """Matrices of a set, which take turns (G)."""
        return int(self.weights.shape[-3]) if self.weights.ndim > 2 else 1

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
    def set_words(self) -> int:
        """Words of a set of weights."""
        return self.words * self.passes * self.groups

    @property
    def depth(self) -> int:
        """Words of weights."""
        return self.set_words * self.sets

    @property
    def loaded(self) -> bool:
        """Whether the weights come through the weight-load port."""
        return self.streamed or self.memory == ULTRA

    @property
    def stored(self) -> int:
        """Sets of weights that the memory holds."""
        return 2 if self.streamed else self.sets

    @property
    def rows_of_memory(self) -> Rows:
        """How the memory's words lie in it, where they are loaded."""
        return Rows(self.set_words, self.product.word_bits)

    @cached_property
    def range(self) -> tuple[int, int]:
        """Smallest and largest output that inputs in their range can make."""
        stream = Stream(1, self.bits, self.signed)
        ends = stream.low if self.low is None else self.low, stream.high if self.high is None else self.high
        shape = self.sets, self.groups, self.columns
        low, high = (np.broadcast_to(np.asarray(e, np.int64), shape).reshape(self.sets, -1) for e in ends)
        found = [op.range((low[s], high[s])) for s, op in enumerate(self.operators)]
        return min(int(lows.min()) for lows, _ in found), max(int(highs.max()) for _, highs in found)

    @property
    def operators(self) -> tuple[MatMul | Conv, ...]:
        """Each set's product with a vector, or with the G vectors of a position laid side by side."""
        sets = self.weights.reshape(self.sets, self.groups * self.rows, self.columns)
        if self.groups == 1:
            return tuple(MatMul(inputs=("x",), output="y", weights=weights) for weights in sets)
        conv = partial(Conv, inputs=("x",), output="y", stride=(1,), pads=((0, 0),), dilation=(1,), groups=self.groups)
        return tuple(conv(weights=weights[:, None]) for weights in sets)

    @property
    def inputs(self) -> tuple[Port, ...]:
        return (Port("s", Stream(self.simd, self.bits, self.signed), self.vectors * self.words),)

    @property
    def outputs(self) -> tuple[Port, ...]:
        bits, signed = bits_for(*self.range)
        return (Port("m", Stream(self.pe, self.acc_bits or bits, signed), self.vectors * self.passes),)

    def reference(self, *words: np.ndarray) -> tuple[np.ndarray, ...]:
        blocks = words[0].reshape(len(words[0]), self.sets, -1, self.groups * self.columns)
        results = [op.run(blocks[:, s]).reshape(len(blocks), -1) for s, op in enumerate(self.operators)]
        return (np.concatenate(results, axis=1).reshape(len(blocks), -1, self.pe),)

    @cached_property
    def ends(self) -> tuple[int, int]:
        """Smallest and largest weight."""
        return int(self.weights.min()), int(self.weights.max())

    @cached_property
    def product(self) -> Form:
        """How a word's inputs and weights are multiplied and summed."""
        tiles = self.weights.reshape(-1, self.pe, self.words, self.simd).transpose(0, 2, 1, 3)
        operands = Operands(tiles, self.bits, self.signed, self.family, self.ends)
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
            interval=self.interval,
            latency=shown if self.passes == 1 else shown + self.words,
            load=self._load_words,
        )

    @property
    def interval(self) -> int:
        return max(self.vectors * self.words * self.passes, self._load_words)

    @property
    def _load_words(self) -> int:
        return self.sets * self.rows_of_memory.load_words if self.streamed else 0

    def tokens(self) -> Tokens:
        """Return those of a unit whose sets are there in time."""
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
            {"multiplier": unit.multiplier, "memory": memory} for unit in units for memory in unit.memory_wishes
        )

    @property
    def memory_wishes(self) -> tuple[str, ...]:
        """What ``memory`` may be that makes a difference, ``auto`` first."""
        rows, bits = self.rows_of_memory, self.product.word_bits
        ultra = (ULTRA,) if worth_ultra(rows.count * self.stored, rows.bits, self.family) else ()
        if not self.streamed:
            return (*wishes(self.depth, bits, self.family), *ultra)
        return "auto", *ultra

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
        blocks = {"SETS": self.stored, "BLOCK": self.vectors // self.sets // self.groups} if self.sets > 1 else {}
        return {
            "PE": self.pe,
            "SIMD": self.simd,
            "SF": self.words,
            "NF": self.passes,
            **groups,
            **blocks,
            **self.product.verilog_parameters(),
            "ACC_BITS": self.outputs[0].stream.bits,
            "PLACES": self.places,
            "BUFFER_FORM": self.buffer_form,
            **self._memory_parameters(),
        }

    def _memory_parameters(self) -> dict[str, int | str]:
        if not self.loaded:
            return {"ROM_FORM": self.memory_form}
        pack = self.rows_of_memory.pack
        return {"RAM_FORM": self.memory_form, "PACK": pack, "EACH_FRAME": int(self.streamed)}

    @property
    def memory_form(self) -> str:
        """The form of the weights' memory, ``lut``, ``block`` or ``ultra``."""
        rows = self.rows_of_memory
        if self.loaded and self.memory == "auto":
            return choose_ram_form(rows.count * self.stored, rows.bits, self.family)
        return rom_form(self.memory, self.depth, self.product.word_bits, self.family)

    @property
    def module(self) -> str:
        return "loaded_matrix_vector_unit" if self.loaded else "matrix_vector_unit"

    @property
    def buffer_words(self) -> int:
        """Words of the vector buffer: two halves, each a power of two; none where a vector is read once."""
        return 0 if self.passes == 1 else 2 << max(1, (self.words - 1).bit_length())

    @property
    def buffer_form(self) -> str:
        return choose_ram_form(max(1, self.buffer_words), self.simd * self.bits, self.family)

    def memories(self) -> dict[str, Memory]:
        return {} if self.loaded else {"WEIGHTS": self.product.memory()}

    def load(self) -> Load | None:
        return self._load

    @cached_property
    def _load(self) -> Load | None:
        """The words of ``product.memory``, as the unit's module takes them."""
        if not self.loaded:
            return None
        words = self.rows_of_memory.words(self.product.memory().words)
        return Load(words if self.streamed else words.reshape(1, -1), each_frame=self.streamed)

    def resources(self, family: str) -> Resources:
        return cost.estimate(self, family)
