"""What a benchmark says, on a board in Python whose figures are known."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from tests.fake_board import FakeBoard, manifest, write_package

from codesign_board import Accelerator
from codesign_board.benchmark import Benchmark
from codesign_board.package import Package
from codesign_board.places.axi import AxiPlace
from codesign_board.power import Power, mean_watts


def accelerator(package: Package, board: FakeBoard) -> Accelerator:
    return Accelerator(package, AxiPlace(package, board, "fake", "a fake board", patience_s=1e6))


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Package:
    return Package.load(write_package(tmp_path_factory.mktemp("package")))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Time that goes by a millisecond at each look."""
    ticks = iter(range(10**9))
    monkeypatch.setattr("codesign_board.benchmark.time.perf_counter", lambda: next(ticks) / 1000)
    yield


def test_every_figure_is_what_it_says(package: Package, clock: None) -> None:
    board = FakeBoard(cycles_per_read=400, clock=80.0)
    found = accelerator(package, board).benchmark(seconds=0.002)
    assert found.frames_per_s == found.frames / 1e-3 and found.frames == 1
    assert found.latency_ms == found.latency_95_ms == pytest.approx(1.0)
    assert (found.hardware_frames, found.cycles, found.hardware_frames_per_s) == (1, 400, 80e6 / 400)
    assert found.build_frames_per_s == 80e6 / 20 and found.build_source == "measured (RTL)"
    assert (found.clock_asked_mhz, found.clock_mhz) == (100.0, 80.0)
    assert found.power is None and found.energy_mj is None


def test_without_a_counter_there_is_no_figure_of_the_hardware_alone(package: Package, clock: None) -> None:
    found = accelerator(package, FakeBoard(dead_clock=True)).benchmark(seconds=0.002)
    assert found.cycles is None and found.hardware_frames_per_s is None and "hardware alone" not in str(found)


def test_the_batch_grows_until_it_lasts(package: Package, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("codesign_board.benchmark.time.perf_counter", lambda: now[0])
    found = accelerator(package, FakeBoard(cycles_per_read=1000, clock=None))
    infer = found.infer

    def timed(x: np.ndarray) -> np.ndarray:
        now[0] += 0.001 + 0.0001 * len(x)
        return infer(x)

    monkeypatch.setattr(found, "infer", timed)
    result = found.benchmark(seconds=0.1)
    assert 0.05 <= 0.001 + 0.0001 * result.frames <= 0.2
    assert result.frames_per_s == pytest.approx(result.frames / (0.001 + 0.0001 * result.frames))
    assert result.latency_ms == pytest.approx(1.1)
    assert result.clock_mhz is None and result.hardware_frames_per_s == 100e6 * result.hardware_frames / 1000


def test_power_is_of_the_rail_that_feeds_the_board() -> None:
    both = {"INT": 1.0, "12V": 6.0, "AUX": 0.5}
    power = Power(idle={name: watts / 2 for name, watts in both.items()}, running=both)
    assert (power.rails, power.idle_w, power.running_w) == (("12V",), 3.0, 6.0)
    del both["12V"]
    assert Power({"INT": 0.5, "AUX": 0.25}, both).running_w == 1.5


def test_rails_are_read_while_the_work_is_done() -> None:
    busy = [False]

    def work() -> None:
        busy[0] = True
        time.sleep(0.1)

    def watts() -> dict[str, float]:
        return {"INT": 3.0 if busy[0] else 1.0, "AUX": 1.0}

    found = mean_watts(watts, work)
    assert 2.0 < found["INT"] <= 3.0 and found["AUX"] == 1.0


def test_a_rail_that_does_not_always_answer_has_its_own_mean() -> None:
    looks = [0]

    def watts() -> dict[str, float]:
        looks[0] += 1
        return {"INT": 10.0, **({"AUX": 3.0} if looks[0] % 2 else {})}

    assert mean_watts(watts, lambda: time.sleep(0.15)) == {"INT": 10.0, "AUX": 3.0}


def test_energy_is_power_over_throughput(package: Package, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("codesign_board.benchmark.POWER_S", 0.02)
    found = accelerator(package, FakeBoard(rails={"12V": 8.0})).benchmark(seconds=0.01)
    assert found.power is not None and found.power.running_w == found.power.idle_w == 8.0
    assert found.energy_mj is not None
    # Eight watts, at the rate of the end-to-end measurement; on a busy machine the two are not quite the same.
    assert 0.1 < found.energy_mj / (1e3 * 8.0 / found.frames_per_s) < 10
    assert "power, running" in str(found) and "energy a frame" in str(found) and "12V" in str(found)


def test_a_package_without_samples_is_measured_too(tmp_path: Path, clock: None) -> None:
    files = {"bitfile": "sums.bit", "handoff": "sums.hwh"}
    for name, head in (("floats", {}), ("integers", {"integer": True})):
        folder = write_package(tmp_path / name, files=files, head={**manifest()["head"], **head})
        assert accelerator(Package.load(folder), FakeBoard()).benchmark(0.002).frames >= 1


def test_it_is_shown_as_a_table() -> None:
    figures = Benchmark(
        "net<1>", "ZCU104", 5000, 123456.7, 0.25, 0.375, 400, 8123, 9876543.0, 1e7, "measured (RTL)", 200.0, 187.5,
        None, None,
    )  # fmt: skip
    text = str(figures)
    assert text.splitlines()[0] == "net<1> on ZCU104"
    for line in (
        r"throughput +123,457 frames/s  measured end to end, 5000 frames",
        r"latency, median +0\.25 ms",
        r"latency, 95th percentile +0\.375 ms",
        r"hardware alone +9,876,543 frames/s  register CYCLES: 8123 for 400 frames in one transfer",
        r"hardware by the build +10,000,000 frames/s  measured \(RTL\)",
        r"clock asked for +200 MHz  manifest",
        r"clock +187\.5 MHz  read back from the board",
    ):
        assert re.search(f"^{line}", text, re.M), line
    page = figures._repr_html_()
    assert page.startswith("<table>") and "net&lt;1&gt;" in page and "<b>187.5 MHz</b>" in page
