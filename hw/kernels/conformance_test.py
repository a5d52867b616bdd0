"""The suite catches kernels that break the contract: a register slice, broken in one way each."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from codesign.errors import CodesignError
from hw.design.stream import Port, Stream
from hw.kernels.conformance import conform
from hw.kernels.frame_guard.kernel import FrameGuard
from hw.kernels.kernel import Cycles, Kernel, Resources
from hw.kernels.register_slice.kernel import RegisterSlice
from hw.kernels.tokens import Link, through

STREAM, WORDS = Stream(2, 4, signed=True), 5

FAULTS = {
    "a word is lost in a stall": ("spare_full <= spare_full || take;", "spare_full <= 1'b0;", "differ|no word moved"),
    "ready follows the other side's ready": ("s_ready = !spare_full", "s_ready = !spare_full || m_ready", "within the"),
    "ready waits for valid": ("s_ready = !spare_full", "s_ready = !spare_full && s_valid", "within the cycle"),
    "valid is withdrawn": ("else if (stalled) begin", "else if (stalled) begin m_valid <= 1'b0;", "changed while"),
    "data moves in a stall": ("if (!stalled) m_data", "m_data", "changed while|differ"),
    "last is lost": (
        "<= spare_full ? spare : s_data",
        "<= WORD_BITS'((spare_full ? spare : s_data) << 1 >> 1)",
        "last",
    ),
    "data waits wrong": ("spare  <= s_data", "spare  <= ~s_data", "differ"),
    "nothing comes out": ("m_valid    <= spare_full || take;", "m_valid    <= 1'b0;", "no word moved"),
    "a word shows twice": ("m_valid    <= spare_full || take;", "m_valid    <= m_valid || take;", "differ|more than"),
    "a signal is unused": ("wire   take ", "wire unread = s_valid;\n    wire   take ", "UNUSEDSIGNAL"),
    "every other cycle is idle": ("s_ready = !spare_full", "s_ready = !spare_full && !m_valid", "takes interval"),
    "it doesn't compile": ("logic                 spare_full;", "", "Verilator.* failed"),
}
LIES: dict[str, tuple[dict[str, Any], str]] = {
    "a latency that it hasn't": ({"latency": 2}, "latency 1, and declares"),
    "an interval that it hasn't": ({"interval": 4}, "takes interval 5"),
    "another operator": ({"sign": -1}, "differ, the first at"),
}


@dataclass(frozen=True)
class Slice(Kernel):
    """A register slice whose RTL and declarations can be changed."""

    folder: Path
    latency: int = 1
    interval: int = WORDS
    sign: int = 1

    rtl = ("register_slice.sv",)

    @property
    def inputs(self) -> tuple[Port, ...]:
        return (Port("s", STREAM, WORDS),)

    @property
    def outputs(self) -> tuple[Port, ...]:
        return (Port("m", STREAM, WORDS),)

    def reference(self, *words: np.ndarray) -> tuple[np.ndarray, ...]:
        return (words[0] * self.sign,)

    def cycles(self) -> Cycles:
        return Cycles(self.interval, self.latency)

    def resources(self, family: str) -> Resources:
        return Resources()

    def verilog_parameters(self) -> dict[str, int]:
        return {"WORD_BITS": STREAM.word_bits}

    def __repr__(self) -> str:
        return "Slice"


def changed(folder: Path, monkeypatch: pytest.MonkeyPatch, old: str = "", new: str = "") -> Slice:
    text = RegisterSlice.sources()[0].read_text()
    assert old in text
    (folder / "register_slice.sv").write_text(text.replace(old, new) if old else text)
    monkeypatch.setattr(Slice, "sources", classmethod(lambda cls: (folder / "register_slice.sv",)))
    return Slice(folder)


def test_an_unbroken_kernel_passes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    conform(changed(tmp_path, monkeypatch), guarded=False)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_caught(fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old, new, message = FAULTS[fault]
    with pytest.raises((AssertionError, CodesignError), match=message):
        conform(changed(tmp_path, monkeypatch, old, new), guarded=False)


@pytest.mark.parametrize("lie", LIES)
def test_a_wrong_declaration_is_caught(lie: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fields, message = LIES[lie]
    kernel = dataclasses.replace(changed(tmp_path, monkeypatch), **fields)
    with pytest.raises(AssertionError, match=message):
        conform(kernel, guarded=False)


@pytest.mark.parametrize(
    ("link", "message"),
    [
        (Link(3), "takes word .* of port 0 in cycle"),
        (Link(1), "without stalls takes word 1 of port 0"),
        (Link(2, forward=2), "without stalls"),
        (Link(2, forward=0), "without stalls"),
        (Link(2, back=0), "takes word .* of port 0 in cycle"),
    ],
)
def test_a_wrong_token_model_is_caught(
    link: Link, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A word more or fewer inside, a cycle more or less on the way, a ready that is no register."""
    monkeypatch.setattr(Slice, "tokens", lambda self: through(link))
    with pytest.raises(AssertionError, match=message):
        conform(changed(tmp_path, monkeypatch), guarded=False)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("filling     <= cut", "filling     <= 1'b0"),
        ("dropping    <= over", "dropping    <= 1'b0"),
        ("cut || over", "cut"),
    ],
)
def test_a_faulty_guard_is_caught(old: str, new: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    guard, part = FrameGuard.sources()
    assert old in guard.read_text()
    (tmp_path / "frame_guard.sv").write_text(guard.read_text().replace(old, new))
    monkeypatch.setattr(FrameGuard, "sources", classmethod(lambda cls: (tmp_path / "frame_guard.sv", part)))
    with pytest.raises((AssertionError, CodesignError), match="guarded"):
        conform(RegisterSlice(STREAM, WORDS))
