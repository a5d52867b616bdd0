"""FIFOs are as small as they can be: in Verilator they keep the rate, and one word less loses it."""

from __future__ import annotations

import json
import logging
import re
from dataclasses import replace
from fractions import Fraction
from functools import cache
from pathlib import Path

import pytest

from codesign.build.config import BuildConfig
from codesign.build.steps.size_fifos import given_depths
from codesign.errors import UserError, VerificationFailed
from codesign.graph.examples import Builder, plain_2d, residual_1d
from codesign.mapping.fifos import read_depths, size_fifos, smallest_depths, with_fifos
from hw.design.design import Design, End
from hw.design.simulate import simulate
from hw.kernels.stream_fifo.kernel import StreamFifo
from hw.lowering import lower
from hw.tokens.design import DesignTokens, run

JOIN = End("stream_add_0")


@cache
def residual() -> Design:
    """A block whose branch is a convolution, all at one rate, so that the shortcut's words must wait."""
    b = Builder((12, 4), -8, 7)
    first = b.requantize(b.conv("x", 4, (3,), ((1, 1),)))
    branch = b.requantize(b.conv(first, 4, (5,), ((2, 2),)))
    return lower(b.graph(b.requantize(b.add(first, branch)), "residual"), "ecp5")


def test_no_fifo_where_nothing_joins() -> None:
    assert size_fifos(lower(plain_2d()[0], "ecp5"))[1] == {}


def test_one_word_less_loses_rate() -> None:
    """In Verilator, with what StreamFifo rounds up to: less is one that holds less."""
    design = residual()
    sized, names = size_fifos(design)
    assert len(names) == 1 and sized.interval == design.interval
    assert simulate(sized).interval == design.interval
    depths = smallest_depths(DesignTokens(design), {})
    for target, depth in depths.items():
        fewer, _ = with_fifos(design, depths | {target: depth - 1})
        assert simulate(fewer).interval > design.interval


def test_frames_in_time_say_whether_the_rate_is_kept() -> None:
    """As frames back to back do, for any depth: with too few words it is lost, or the design stands still."""
    design = residual()
    tokens, interval = DesignTokens(design), Fraction(design.interval)
    kept = [tokens.keeps({JOIN: depth}, interval) for depth in range(14)]
    assert kept == [tokens.run({JOIN: depth}).interval == interval for depth in range(14)]
    assert not kept[0] and kept[-1]


@pytest.mark.parametrize("make", [residual_1d, plain_2d])
def test_rate_and_latency_are_the_rtls(make) -> None:  # type: ignore[no-untyped-def]
    sized, _ = size_fifos(lower(make()[0], "ecp5"))
    tokens, found = run(sized), simulate(sized)
    assert tokens.cycles_per_frame == found.interval
    assert tokens.first_word == found.moved[0][0] - found.first_taken
    assert tokens.first_frame == found.frame_cycles[0][0] - found.first_taken


def test_what_stops_the_design_is_refused() -> None:
    """The depth that the message names runs in Verilator, and one less stands still there."""
    design = residual()
    with pytest.raises(UserError, match=f"in front of input 0 of {JOIN.instance} fills while {JOIN.instance} waits"):
        size_fifos(design, {JOIN: 0})
    with pytest.raises(UserError, match="at least") as error:
        size_fifos(design, {JOIN: 1})
    enough = int(re.search(r"at least (\d+) words", str(error.value))[1])  # type: ignore[index]
    simulate(with_fifos(design, {JOIN: enough})[0])
    with pytest.raises(VerificationFailed, match="no word moved"):
        simulate(with_fifos(design, {JOIN: enough - 1})[0])


def test_lost_rate_is_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    design = residual()
    depth = smallest_depths(DesignTokens(design), {})[JOIN] - 1
    with caplog.at_level(logging.WARNING, "codesign"):
        sized, _ = size_fifos(design, {JOIN: depth})
    cycles = run(sized).interval
    assert cycles is not None and cycles > design.interval
    assert f"take {float(cycles):.0f} cycles, not {design.interval}" in caplog.text


def test_given_depths_are_kept() -> None:
    sized, names = size_fifos(residual(), {JOIN: 40})
    assert list(names.values()) == [40]
    fifo = sized.kernels["stream_fifo_0"]
    assert isinstance(fifo, StreamFifo) and fifo.depth == 40


def test_words_wait_where_they_are_narrow() -> None:
    """The shortcut widens from 4 to 8 lanes' bits before the join: the FIFO stands before that."""
    b = Builder((12, 4), -8, 7)
    first = b.requantize(b.conv("x", 4, (3,), ((1, 1),)), 0, 3)
    branch = b.conv(first, 4, (5,), ((2, 2),))
    wide = b.requantize(first, -2000, 2000)
    design = lower(b.graph(b.requantize(b.add(wide, branch)), "narrow"), "ecp5")
    depths = smallest_depths(DesignTokens(design), {})
    assert [design.target_port(target).stream.bits for target in depths] == [2]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is no JSON"),
        ("[]", "must be of the form"),
        ('{"add": [1]}', "names add, which the design has not: use names out of .*stream_add_0"),
        ('{"stream_add_0": [1]}', "must be a list of 2, one an input"),
        ('{"stream_add_0": [1, -1]}', "each at least 0 or null"),
    ],
)
def test_a_file_of_depths_is_checked(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "depths.json"
    path.write_text(text)
    with pytest.raises(UserError, match=message):
        read_depths(path, residual())


def test_a_file_of_depths(tmp_path: Path) -> None:
    path = tmp_path / "depths.json"
    path.write_text(json.dumps({"stream_add_0": [64, None]}))
    assert read_depths(path, residual()) == {JOIN: 64}
    with pytest.raises(UserError, match="could not be read"):
        read_depths(tmp_path / "none.json", residual())


def test_a_folding_file_gives_depths(tmp_path: Path) -> None:
    """Where no file of depths is given; what FINN puts in after the folding has none of ours."""
    folding, depths = tmp_path / "folding.json", tmp_path / "depths.json"
    document: dict[str, object] = {
        "Defaults": {"PE": [1, ["all"]]},
        "stream_add_0": {"PE": 4, "inFIFODepths": [64, None]},
        "StreamingFIFO_0": {"depth": 2, "inFIFODepths": [3]},
    }
    folding.write_text(json.dumps(document))
    depths.write_text(json.dumps({"stream_add_0": [80, 0]}))
    config = BuildConfig("m.onnx", "ulx3s", tmp_path)
    assert given_depths(config, residual()) == {}
    config = replace(config, folding_config_file=folding)
    assert given_depths(config, residual()) == {JOIN: 64}
    assert list(size_fifos(residual(), given_depths(config, residual()))[1].values()) == [64]
    other = End("stream_add_0", 1)
    assert given_depths(replace(config, fifo_depths=depths), residual()) == {JOIN: 80, other: 0}
    folding.write_text(json.dumps({"stream_add_0": {"inFIFODepths": [64]}}))
    with pytest.raises(UserError, match="depths of stream_add_0 must be a list of 2"):
        given_depths(config, residual())
