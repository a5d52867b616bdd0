"""A test bench for the AXI shell: RTL stepped from Python, and agents that speak AXI with random delays."""

from __future__ import annotations

import ctypes
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from hw.sim.tops import compile_top

_SHIM = """#include "Vmodel.h"
#include "verilated.h"
#include <cstdint>
#include <stdexcept>
struct Bench { VerilatedContext context; Vmodel model{&context}; };
void vl_fatal(const char*, int, const char*, const char* what) { throw std::runtime_error(what); }
void vl_warn(const char*, int, const char*, const char* what) { throw std::runtime_error(what); }
void vl_stop(const char*, int, const char*) {}
void vl_finish(const char*, int, const char*) {}
extern "C" Bench* bench_new() { return new Bench; }
extern "C" void bench_look(Bench* b, const uint64_t* in, uint64_t* out) {
  Vmodel& m = b->model;
@IN@  m.eval();
@OUT@}
extern "C" void bench_step(Bench* b, const uint64_t* in, uint64_t* out) {
  Vmodel& m = b->model;
  m.aclk = 0;
@IN@  m.eval();
@OUT@  m.aclk = 1;
  m.eval();
}
"""

INPUTS = (
    "aresetn", "s_axis_tdata", "s_axis_tkeep", "s_axis_tlast", "s_axis_tvalid", "m_axis_tready",
    "s_axi_awaddr", "s_axi_awvalid", "s_axi_wdata", "s_axi_wstrb", "s_axi_wvalid", "s_axi_bready",
    "s_axi_araddr", "s_axi_arvalid", "s_axi_rready",
)  # fmt: skip
OUTPUTS = (
    "s_axis_tready", "m_axis_tdata", "m_axis_tkeep", "m_axis_tlast", "m_axis_tvalid",
    "s_axi_awready", "s_axi_wready", "s_axi_bresp", "s_axi_bvalid",
    "s_axi_arready", "s_axi_rdata", "s_axi_rresp", "s_axi_rvalid",
)  # fmt: skip

WEIGHT_INPUTS = ("w_axis_tdata", "w_axis_tkeep", "w_axis_tlast", "w_axis_tvalid")
WEIGHT_OUTPUTS = ("w_axis_tready",)
"""Beside those, where weights are loaded."""

Signals = dict[str, int]


class Agent(Protocol):
    """Something that drives inputs and watches what happens."""

    def drive(self) -> Signals:
        """Return what to drive in the coming cycle; it may not depend on the RTL's outputs in that cycle."""

    def observe(self, seen: Signals) -> None:
        """See all signals of the cycle, as they are just before its clock edge."""


def ports(weights: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the names of inputs and outputs but the clock."""
    return (INPUTS + WEIGHT_INPUTS, OUTPUTS + WEIGHT_OUTPUTS) if weights else (INPUTS, OUTPUTS)


def build(sources: Sequence[Path], weights: bool = False) -> Path:
    """Return a shared library of ``accelerator_axi`` with ports of up to 64 bits, cached by content."""
    inputs, outputs = ports(weights)
    reads = "".join(f"  m.{name} = in[{i}];\n" for i, name in enumerate(inputs))
    writes = "".join(f"  out[{i}] = m.{name};\n" for i, name in enumerate(outputs))
    shim = _SHIM.replace("@IN@", reads).replace("@OUT@", writes)
    return compile_top("accelerator_axi", sources, {}, shim, optimise=False)


class Bench:
    """The RTL in reset for four cycles, then stepped a cycle at a time; a broken rule of AXI ends it.

    Attributes:
        cycle: cycles stepped so far.
        may_vanish: whether what the output shows may be taken back, as a reset by register does.
    """

    def __init__(self, library: Path, weights: bool = False) -> None:
        self._inputs, self._outputs = ports(weights)
        self._library = ctypes.CDLL(str(library))
        self._library.bench_new.restype = ctypes.c_void_p
        self._model = ctypes.c_void_p(self._library.bench_new())
        self._in, self._out = (ctypes.c_uint64 * len(self._inputs))(), (ctypes.c_uint64 * len(self._outputs))()
        self._before, self._random = Signals(), random.Random(0)
        self.cycle, self.may_vanish = 0, False
        for _ in range(4):
            seen = self.step({"aresetn": 0})
        assert not any(seen[valid] for valid in ("m_axis_tvalid", "s_axi_bvalid", "s_axi_rvalid")), "valid in reset"

    def step(self, inputs: Signals) -> Signals:
        """Step one cycle with ``inputs``, those not named 0, and return all signals just before the clock edge."""
        for i, name in enumerate(self._inputs):
            self._in[i] = inputs.get(name, 0)
        self._library.bench_step(self._model, self._in, self._out)
        seen = dict(zip(self._inputs, self._in, strict=True)) | dict(zip(self._outputs, self._out, strict=True))
        self._check(seen)
        self._wiggle()
        self._before, self.cycle = seen, self.cycle + 1
        return seen

    def run(self, agents: Sequence[Agent], until: int) -> None:
        """Step until cycle ``until``."""
        while self.cycle < until:
            inputs = {"aresetn": 1}
            for agent in agents:
                inputs |= agent.drive()
            seen = self.step(inputs)
            for agent in agents:
                agent.observe(seen)

    def _wiggle(self) -> None:
        """After the edge, try two random sets of inputs: no output may follow an input within a cycle."""
        found = []
        for _ in range(2):
            for i, name in enumerate(self._inputs):
                self._in[i] = name == "aresetn" or self._random.getrandbits(1)
            self._library.bench_look(self._model, self._in, self._out)
            found.append(tuple(self._out))
        changed = [name for name, one, two in zip(self._outputs, *found, strict=True) if one != two]
        assert not changed, f"cycle {self.cycle}: {', '.join(changed)} follow an input within the cycle"

    def _check(self, seen: Signals) -> None:
        """What the shell offers stays valid and the same until it is taken."""
        rules = (
            ("m_axis_tvalid", "m_axis_tready", ("m_axis_tdata", "m_axis_tlast", "m_axis_tkeep")),
            ("s_axi_bvalid", "s_axi_bready", ("s_axi_bresp",)),
            ("s_axi_rvalid", "s_axi_rready", ("s_axi_rdata", "s_axi_rresp")),
        )
        for valid, ready, payload in rules[self.may_vanish :]:
            if self._before.get("aresetn") and self._before[valid] and not self._before[ready]:
                for name in (valid, *payload):
                    assert seen[name] == self._before[name], f"cycle {self.cycle}: {name} changed before it was taken"


class Source:
    """Sends (data, last) beats, with a random wait before each, by ``s_axis`` or by another stream."""

    def __init__(self, beats: Sequence[tuple[int, int]], stall: float, seed: int, stream: str = "s_axis") -> None:
        self.left, self._stall, self._random, self._shown = list(beats), stall, random.Random(seed), False
        self._stream = stream

    def drive(self) -> Signals:
        self._shown = bool(self.left) and (self._shown or self._random.random() >= self._stall)
        data, last = self.left[0] if self._shown else (self._random.getrandbits(16), 1)
        signals = {"tvalid": int(self._shown), "tdata": data, "tlast": last, "tkeep": 15}
        return {f"{self._stream}_{name}": value for name, value in signals.items()}

    def observe(self, seen: Signals) -> None:
        if seen[f"{self._stream}_tvalid"] and seen[f"{self._stream}_tready"]:
            self.left.pop(0)
            self._shown = False


class Sink:
    """Takes beats whenever it likes, and keeps them as (data, last)."""

    def __init__(self, stall: float, seed: int) -> None:
        self.beats: list[tuple[int, int]] = []
        self._stall, self._random = stall, random.Random(seed)

    def drive(self) -> Signals:
        return {"m_axis_tready": self._random.random() >= self._stall}

    def observe(self, seen: Signals) -> None:
        if seen["m_axis_tvalid"] and seen["m_axis_tready"]:
            assert seen["m_axis_tkeep"] == 3, "every byte counts"
            self.beats.append((seen["m_axis_tdata"], seen["m_axis_tlast"]))


class Master:
    """Does AXI4-Lite reads (address,) and writes (address, data[, strobe]) one after another.

    Attributes:
        order: which of a write's two channels goes first: ``address``, ``data`` or ``any``.
        answers: what the reads returned.
    """

    def __init__(self, work: Sequence[tuple[int, ...]], delay: float = 0.0, order: str = "any", seed: int = 0) -> None:
        self.left, self.answers = list(work), list[int]()
        self.order, self._delay, self._random = order, delay, random.Random(seed)
        self._sent: set[str] = set()
        self._shown: dict[str, bool] = {}

    def _show(self, channel: str, allowed: bool) -> bool:
        """Whether a channel shows its word: once shown, until taken."""
        if channel in self._sent or not allowed:
            return False
        self._shown[channel] = self._shown.get(channel, False) or self._random.random() >= self._delay
        return self._shown[channel]

    def drive(self) -> Signals:
        ready: Signals = {f"s_axi_{channel}ready": self._random.random() >= self._delay for channel in "br"}
        if not self.left:
            return ready
        work = self.left[0]
        if len(work) == 1:
            return ready | {"s_axi_arvalid": self._show("ar", True), "s_axi_araddr": work[0]}
        address = self._show("aw", self.order != "data" or "w" in self._sent)
        data = self._show("w", self.order != "address" or "aw" in self._sent)
        strobe = work[2] if len(work) == 3 else 15
        return ready | {
            "s_axi_awvalid": address, "s_axi_awaddr": work[0] if address else 0x14,
            "s_axi_wvalid": data, "s_axi_wdata": work[1] if data else 0xDEAD, "s_axi_wstrb": strobe if data else 0,
        }  # fmt: skip

    def observe(self, seen: Signals) -> None:
        for channel in ("aw", "w", "ar"):
            if seen[f"s_axi_{channel}valid"] and seen[f"s_axi_{channel}ready"]:
                self._sent.add(channel)
        response = seen["s_axi_bvalid"] and seen["s_axi_bready"]
        answer = seen["s_axi_rvalid"] and seen["s_axi_rready"]
        if response:
            assert {"aw", "w"} <= self._sent and seen["s_axi_bresp"] == 0, "a response with no write"
        if answer:
            assert "ar" in self._sent and seen["s_axi_rresp"] == 0, "data with no read"
            self.answers.append(seen["s_axi_rdata"])
        if response or answer:
            self.left.pop(0)
            self._sent, self._shown = set(), {}
