"""Depthwise unit: the multiplications of a convolution whose every channel has its own kernels."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np

from codesign.graph import Conv, bits_for
from hw.design.stream import Port, Stream
from hw.kernels.depthwise_unit import cost
from hw.kernels.kernel import Cycles, Kernel, Memory, Resources, must
from hw.kernels.matrix_vector_unit.forms.form import Form, Operands
from hw.kernels.matrix_vector_unit.product import MULTIPLIERS, RTL, choose
from hw.kernels.memory.memory import check_wish, choose_ram_form, rom_form, wishes
from hw.kernels.padding import Padding
from hw.kernels.tokens import Phase, Tokens, move, promised


@dataclass(frozen=True, eq=False)
class DepthwiseUnit(Kernel):
    """Every channel of a window times its own weights, ``pe`` products a cycle.

    Windows come as the sliding window sends them: taps, for each tap the channels, ``pe`` a word. The outputs of a
    position come channel by channel, in the order of ONNX, ``pe`` a word too. A word is read once for each of the M
    outputs of a channel.

    Attributes:
        weights: int64 [C, M, taps]: M outputs a channel.
        positions: windows in a frame.
        bits, signed: of an input.
        pe: channels a word and products a cycle; divides C.
        low, high: what inputs are known to lie between (padding included), int or int64 [C]; else the stream's range.
        acc_bits: bits of an output, where more are wanted than the inputs' range and the weights need.
        multiplier: ``lut`` (logic) or ``dsp``, which is a wish: see ``product.choose``.
        memory: form of the weights' ROM, ``lut``, ``block`` or what is cheaper (``auto``): see ``memory.py``.
        family: part family that the memories' forms are chosen for.
    """

    weights: np.ndarray
    positions: int
    bits: int
    signed: bool = False
    pe: int = 1
    low: int | np.ndarray | None = None
    high: int | np.ndarray | None = None
    acc_bits: int | None = None
    multiplier: str = "lut"
    memory: str = "auto"
    family: str = "ecp5"

    rtl = (
        "depthwise_unit.sv",
        "sum_line.sv",
        *(f"../matrix_vector_unit/{name}.sv" for name in RTL),
        "../matrix_vector_unit/result_queue.sv",
        "../memory/rom.sv",
    )
    folds = ("pe",)
    lasting = ("range",)

    def __post_init__(self) -> None:
        must(
            self.weights.ndim == 3, f"DepthwiseUnit weights must have the shape [C, M, taps], not {self.weights.shape}"
        )
        must(self.positions >= 1, f"DepthwiseUnit positions must be at least 1, not {self.positions}")
        must(
            self.pe >= 1 and self.channels % self.pe == 0,
            f"DepthwiseUnit PE must divide channels={self.channels}, not {self.pe}",
        )
        must(self.multiplier in MULTIPLIERS, f"DepthwiseUnit multiplier must be lut or dsp, not {self.multiplier}")
        check_wish("DepthwiseUnit", self.memory, self.depth)
        need = bits_for(*self.range)[0]
        must(
            self.acc_bits is None or self.acc_bits >= need,
            f"DepthwiseUnit acc_bits must be at least {need}, which its outputs need, not {self.acc_bits}",
        )

    @property
    def channels(self) -> int:
        return int(self.weights.shape[0])

    @property
    def multiple(self) -> int:
        """Outputs a channel."""
        return int(self.weights.shape[1])

    @property
    def taps(self) -> int:
        return int(self.weights.shape[2])

    @property
    def steps(self) -> int:
        """Cycles of a tap: words times outputs a channel."""
        return self.channels // self.pe * self.multiple

    @property
    def depth(self) -> int:
        """Words of weights."""
        return self.taps * self.steps

    @property
    def lanes(self) -> int:
        """Products a cycle."""
        return self.pe

    @property
    def macs(self) -> int:
        """Multiply-accumulates of a frame."""
        return self.positions * self.weights.size

    @property
    def operator(self) -> Conv:
        """The convolution of windows laid side by side."""
        weights = self.weights.reshape(self.channels * self.multiple, self.taps, 1)
        return Conv(
            inputs=("x",),
            output="y",
            weights=weights,
            stride=(self.taps,),
            pads=((0, 0),),
            dilation=(1,),
            groups=self.channels,
        )

    @cached_property
    def range(self) -> tuple[int, int]:
        """Smallest and largest output that inputs in their range can make."""
        stream = Stream(1, self.bits, self.signed)
        low = np.broadcast_to(np.asarray(stream.low if self.low is None else self.low, np.int64), (self.channels,))
        high = np.broadcast_to(np.asarray(stream.high if self.high is None else self.high, np.int64), (self.channels,))
        lows, highs = self.operator.range((low, high))
        return int(lows.min()), int(highs.max())

    @property
    def inputs(self) -> tuple[Port, ...]:
        words = self.positions * self.taps * self.channels // self.pe
        return (Port("s", Stream(self.pe, self.bits, self.signed), words),)

    @property
    def outputs(self) -> tuple[Port, ...]:
        bits, signed = bits_for(*self.range)
        return (Port("m", Stream(self.lanes, self.acc_bits or bits, signed), self.positions * self.steps),)

    def reference(self, *words: np.ndarray) -> tuple[np.ndarray, ...]:
        windows = words[0].reshape(-1, self.positions * self.taps, self.channels)
        return (self.operator.run(windows).reshape(len(windows), -1, self.lanes),)

    @cached_property
    def product(self) -> Form:
        """How a channel's input and a weight are multiplied; every lane has one of its own."""
        tiles = self.weights.reshape(self.steps, self.pe, self.taps).transpose(2, 0, 1)
        return choose(Operands(tiles.reshape(-1, 1, 1), self.bits, self.signed, self.family), self.multiplier)

    @property
    def pipeline(self) -> int:
        """Cycles from the issue of a word to its products: the RTL's TIME."""
        return 2 + self.product.cycles

    @property
    def places(self) -> int:
        """Results that can wait for the output, so that a promise is back before the next one is needed.

        A window's results come in one go, a word a cycle.
        """
        window, back = self.taps * self.steps, self.pipeline + 3
        if self.steps == 1 and window >= self.pipeline + 2:
            return 1
        whole, rest = divmod(back, window)
        open_at_once = whole * self.steps + min(rest, self.steps)
        return 1 << max(1, (open_at_once - 1).bit_length())

    def cycles(self) -> Cycles:
        """The first sums show once their last tap has come; a word is taken in the last of its steps."""
        shown = (self.taps - 1) * self.steps + 1 + self.pipeline + (self.places > 1)
        return Cycles(interval=self.positions * self.taps * self.steps, latency=shown - (self.multiple - 1))

    def tokens(self) -> Tokens:
        words, again = self.channels // self.pe, self.multiple - 1
        if again:
            early = (Phase(need={"s0": 1}, cycles=again), Phase(take={"s0": 1})) * (words * (self.taps - 1))
            final = (Phase(need={"s0": 1}, give={"m0": 1}, times=again), move("s0", "m0")) * words
        else:
            early = (Phase(take={"s0": 1}, times=words * (self.taps - 1)),) if self.taps > 1 else ()
            final = (move("s0", "m0", words),)
        return Tokens({"m0": promised(self.places, self.pipeline)}, ((*early, *final),))

    def forms(self) -> tuple[dict[str, Any], ...]:
        """Multipliers of logic or DSPs, each with the weights in every form of memory."""
        units = (self if self.multiplier == wish else self.fold(multiplier=wish, memory="auto") for wish in MULTIPLIERS)
        return tuple(
            {"multiplier": unit.multiplier, "memory": memory}
            for unit in units
            for memory in wishes(self.depth, unit.lanes * unit.product.word_bits, self.family)
        )

    def padded(self, channels_in: Padding, channels_out: Padding) -> Self | None:
        if self.multiple > 1 or not channels_in.fits(self.channels):
            return None
        low, high = (channels_in.repeat(e) if isinstance(e, np.ndarray) else e for e in (self.low, self.high))
        return dataclasses.replace(self, weights=channels_in.repeat(self.weights), low=low, high=high)

    def fold_limits(self) -> dict[str, int]:
        return {"pe": self.channels}

    def verilog_parameters(self) -> dict[str, int | str]:
        return {
            "PE": self.pe,
            "MULTIPLE": self.multiple,
            "STEPS": self.steps,
            "TAPS": self.taps,
            **self.product.verilog_parameters(),
            "ACC_BITS": self.outputs[0].stream.bits,
            "PLACES": self.places,
            "ROM_FORM": self.rom_form,
            "LINE_FORM": self.line_form,
        }

    @property
    def rom_form(self) -> str:
        return rom_form(self.memory, self.depth, self.lanes * self.product.word_bits, self.family)

    @property
    def line_form(self) -> str:
        return choose_ram_form(self.steps, self.outputs[0].stream.data_bits, self.family)

    def memories(self) -> dict[str, Memory]:
        return {"WEIGHTS": self.product.memory(copies=self.pe)}

    def resources(self, family: str) -> Resources:
        return cost.estimate(self, family)
