"""What a kernel must declare.

A kernel is a folder: its RTL, ``kernel.py`` with one frozen dataclass, and a test that hands it to the conformance
suite.
"""

from __future__ import annotations

import dataclasses
import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np

from codesign.errors import UserError
from hw.design.stream import Port
from hw.kernels.padding import Padding
from hw.kernels.tokens import Tokens, through


def must(condition: bool, message: str) -> None:
    """Raise UserError with ``message`` unless ``condition`` holds."""
    if not condition:
        raise UserError(message)


@dataclass(frozen=True)
class Cycles:
    """What the RTL takes with no stall on either side.

    Attributes:
        interval: cycles from one frame to the next in steady state.
        latency: cycles from the first word taken to the first word shown (valid), first frame after reset.
        load: words of the weight-load port a frame, which brings one a cycle to all kernels together.
    """

    interval: int
    latency: int
    load: int = 0


@dataclass(frozen=True)
class Resources:
    """Resources of one part family.

    Attributes:
        lut: LUT4 (ECP5: TRELLIS_COMB) or LUT6 (AMD).
        ff: flip-flops.
        bram: block RAM in units of 18 kbit.
        dsp: DSP48 or MULT18X18D.
        uram: ultra RAM blocks of 4096 words of 72 bits (xcup).
    """

    lut: int = 0
    ff: int = 0
    bram: int = 0
    dsp: int = 0
    uram: int = 0

    def __add__(self, other: Resources) -> Resources:
        return Resources(
            self.lut + other.lut,
            self.ff + other.ff,
            self.bram + other.bram,
            self.dsp + other.dsp,
            self.uram + other.uram,
        )

    def without(self, other: Resources) -> Resources:
        """Return what ``other`` leaves, of none less than nothing."""
        return Resources(*(max(0, n - vars(other)[kind]) for kind, n in vars(self).items()))


@dataclass(frozen=True, eq=False)
class Memory:
    """Initial contents of a memory: ``words`` are non-negative Python integers of ``bits`` bits."""

    words: tuple[int, ...]
    bits: int

    def hex(self) -> str:
        """Return the contents in the form that ``$readmemh`` reads."""
        digits = -(-self.bits // 4)
        return "".join(f"{word:0{digits}x}\n" for word in self.words)


LOAD_BITS = 64
"""Bits of a word of the weight-load port."""


@dataclass(frozen=True, eq=False)
class Load:
    """Contents of a kernel's memory that come through the weight-load port, because nothing else can hold them.

    Kernels with one are a chain: each takes its own words of a packet and passes the others on, from ``w_data``
    (``LOAD_BITS`` of data, ``last`` above them), ``w_valid``, ``w_ready`` to ``n_data``, ``n_valid``, ``n_ready``.
    After a reset comes one packet for all kernels that load once, where there are any; then, where there are kernels
    that load in every frame, a packet for each set of every frame. A packet has the kernels' words in the chain's
    order, and ``last`` at its end.

    What is in front of a kernel's own words never reaches it. So a kernel that loads in every frame meets the start
    packet only where kernels behind it load once: its place in a design (``hw.design.loads``) says so.

    Attributes:
        words: uint64 [sets, words], each set in the order of its addresses, the low bits first.
        each_frame: the sets come again in every frame, one behind the other, while earlier ones are in use; else there
            is one set, and it stays.
    """

    words: np.ndarray
    each_frame: bool = False


def _once(owner: str, made: Callable[..., Any]) -> Callable[..., Any]:
    """Return the method such that what it gives for the same arguments is worked out once for an instance."""
    name = f"{owner}.{made.__name__}"

    @wraps(made)
    def known(self: Kernel, *arguments: Any) -> Any:
        kept = self.__dict__.setdefault("_known", {})
        key = name, *arguments
        if key not in kept:
            kept[key] = made(self, *arguments)
        return kept[key]

    return known


@dataclass(frozen=True, eq=False)
class Kernel(ABC):
    """One piece of hardware with streams in and streams out.

    Class attributes:
        rtl: files of the RTL, relative to the kernel's folder; the first one's stem is the module's name, and shared
            modules are named by way of ``../``.
        folds: names of the attributes that folding may set (``pe``, ``simd``), empty where there is none.
        flags: names of one-bit outputs that are high for a cycle where something is wrong.
        lasting: cached properties that no fold and no form changes.
    """

    rtl: ClassVar[tuple[str, ...]]
    folds: ClassVar[tuple[str, ...]] = ()
    flags: ClassVar[tuple[str, ...]] = ()
    lasting: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls) -> None:
        """Keep the small things that a mapper asks for again and again: they follow from fields, which are frozen."""
        super().__init_subclass__()
        for name in ("inputs", "outputs"):
            if isinstance(own := cls.__dict__.get(name), property) and own.fget:
                setattr(cls, name, property(_once(cls.__qualname__, own.fget)))
        for name in ("cycles", "resources", "forms"):
            if name in cls.__dict__:
                setattr(cls, name, _once(cls.__qualname__, cls.__dict__[name]))

    @property
    @abstractmethod
    def inputs(self) -> tuple[Port, ...]:
        """Streams that it reads."""

    @property
    @abstractmethod
    def outputs(self) -> tuple[Port, ...]:
        """Streams that it writes."""

    @abstractmethod
    def reference(self, *words: np.ndarray) -> tuple[np.ndarray, ...]:
        """Return the outputs' words for the inputs' words, each int64 [frames, words, lanes].

        A kernel that implements an operator orders the words and calls the operator's own ``run``.
        """

    @abstractmethod
    def cycles(self) -> Cycles:
        """Exactly what the RTL takes."""

    @property
    def interval(self) -> int:
        """``cycles().interval``; a kernel whose latency takes long to work out says it by itself."""
        return self.cycles().interval

    @abstractmethod
    def resources(self, family: str) -> Resources:
        """Estimate for a part family (``ecp5``, ``xc7``, ``xcup``), calibrated against yosys."""

    @abstractmethod
    def verilog_parameters(self) -> Mapping[str, int | str]:
        """Parameters of the module; those of ``memories`` are added by whoever instantiates it."""

    def memories(self) -> Mapping[str, Memory]:
        """Memory contents by the name of the string parameter that takes the file's name."""
        return {}

    def load(self) -> Load | None:
        """What comes through the weight-load port, if anything does."""
        return None

    def tokens(self) -> Tokens:
        """When its words move, in every cycle as in the RTL; by default as a register slice moves them."""
        return through()

    def fold_limits(self) -> dict[str, int]:
        """For each of ``folds``, the number that it must divide."""
        return {}

    def forms(self) -> tuple[dict[str, Any], ...]:
        """Return what a mapper may set beyond the folds, values of attributes: the first is taken where nobody asks.

        All forms compute the same integers; ``cycles`` and ``resources`` tell them apart.
        """
        return ({},)

    def fold(self, **folding: Any) -> Self:
        """Return the same kernel with other folds, or in another of its forms."""
        values = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        if unknown := folding.keys() - values.keys():
            raise TypeError(f"{type(self).__name__} has no {', '.join(sorted(unknown))}")
        folded = object.__new__(type(self))  # not replace(): a search folds big units a thousand times
        lasting = {name: self.__dict__[name] for name in self.lasting if name in self.__dict__}
        folded.__dict__.update(values | folding | lasting)
        if check := getattr(folded, "__post_init__", None):
            check()
        return folded

    def padded(self, channels_in: Padding, channels_out: Padding) -> Self | None:
        """Return the same kernel for inputs and outputs with more channels than are of interest, or None: it cannot.

        A kernel with one fold has the same channels on all sides, ``channels_in``; one with ``pe`` and ``simd`` reads
        ``channels_in`` with SIMD lanes and gives ``channels_out`` with PE lanes.
        """
        return None

    @property
    def module(self) -> str:
        """Name of the RTL's top module."""
        return Path(self.rtl[0]).stem

    @classmethod
    def sources(cls) -> tuple[Path, ...]:
        """Absolute paths of the RTL's files."""
        folder = Path(inspect.getfile(cls)).parent
        return tuple((folder / name).resolve() for name in cls.rtl)
