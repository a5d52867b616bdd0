"""How fast it is and what it takes: end to end with packing, and the hardware alone by its own counter."""

from __future__ import annotations

import html
import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from codesign_board.errors import BoardError, PackageError
from codesign_board.package import Package, is_bound
from codesign_board.power import Power, mean_watts
from codesign_board.samples import Samples

if TYPE_CHECKING:
    from codesign_board.accelerator import Accelerator

MOST_BYTES = 64 * 2**20
"""Of the batch that is measured with."""
LATENCIES = 3, 200
"""How often one frame is timed, at least and at most."""
POWER_S = 1.0
"""How long the rails are read at least: their sensors average."""


@dataclass(frozen=True)
class Benchmark:
    """What was measured; ``print`` it, or show it in a notebook.

    Attributes:
        model, where: what ran where.
        frames: of the batch that was timed end to end.
        frames_per_s: end to end: floats in, floats out, packing included.
        latency_ms, latency_95_ms: of one frame alone end to end, median and 95th percentile.
        hardware_frames, cycles: of one transfer, by the register CYCLES; None where there is no such counter.
        hardware_frames_per_s: what that makes at the clock, None where there is no counter.
        build_frames_per_s, build_source: what the build said, at the clock; at most, where it said a bound.
        clock_asked_mhz: what the accelerator was built for.
        clock_mhz: what was read back from the board, None where it cannot be.
        power: of the rails, None where the board measures none.
        energy_mj: millijoules a frame, of the whole board while it runs, None where nothing is measured.
    """

    model: str
    where: str
    frames: int
    frames_per_s: float
    latency_ms: float
    latency_95_ms: float
    hardware_frames: int
    cycles: int | None
    hardware_frames_per_s: float | None
    build_frames_per_s: float
    build_source: str
    clock_asked_mhz: float
    clock_mhz: float | None
    power: Power | None
    energy_mj: float | None

    def rows(self) -> list[tuple[str, str, str]]:
        """Return what, value with unit, and source of each figure."""
        read = "not read back here" if self.clock_mhz is None else f"{self.clock_mhz:.6g} MHz"
        built = f"{'at most ' if is_bound(self.build_source) else ''}{_short(self.build_frames_per_s)} frames/s"
        rows = [
            ("throughput", f"{_short(self.frames_per_s)} frames/s", f"measured end to end, {self.frames} frames"),
            ("latency, median", f"{self.latency_ms:.3g} ms", "measured end to end, one frame"),
            ("latency, 95th percentile", f"{self.latency_95_ms:.3g} ms", "measured end to end, one frame"),
            ("hardware by the build", built, self.build_source),
            ("clock asked for", f"{self.clock_asked_mhz:.6g} MHz", "manifest"),
            ("clock", read, "read back from the board"),
        ]
        if self.hardware_frames_per_s is not None:
            many = "frame" if self.hardware_frames == 1 else "frames"
            source = f"register CYCLES: {self.cycles} for {self.hardware_frames} {many} in one transfer"
            rows.insert(3, ("hardware alone", f"{_short(self.hardware_frames_per_s)} frames/s", source))
        if self.power is not None:
            rails = ", ".join(self.power.rails)
            rows.append(("power, idle", f"{self.power.idle_w:.3g} W", f"rails of the board: {rails}"))
            rows.append(("power, running", f"{self.power.running_w:.3g} W", f"rails of the board: {rails}"))
        if self.energy_mj is not None:
            rows.append(("energy a frame", f"{self.energy_mj:.3g} mJ", "power running over throughput"))
        return rows

    def __str__(self) -> str:
        rows = self.rows()
        first, second = (max(len(row[i]) for row in rows) for i in (0, 1))
        lines = [f"{what:<{first}}  {value:>{second}}  {source}" for what, value, source in rows]
        return "\n".join([f"{self.model} on {self.where}", *lines])

    def _repr_html_(self) -> str:
        cells = "".join(
            f"<tr><td style='text-align:left'>{html.escape(what)}</td><td><b>{html.escape(value)}</b></td>"
            f"<td style='text-align:left'>{html.escape(source)}</td></tr>"
            for what, value, source in self.rows()
        )
        return f"<table><caption>{html.escape(f'{self.model} on {self.where}')}</caption>{cells}</table>"


def measure(accelerator: Accelerator, seconds: float = 0.5) -> Benchmark:
    """Measure; see ``Accelerator.benchmark``."""
    if not (isinstance(seconds, (int, float)) and 0 < seconds < math.inf):
        raise BoardError(f"A measurement cannot last {seconds!r} seconds: give a positive number.")
    package, place = accelerator.package, accelerator.place
    frames = _frames(package)
    batch, took = _batch(accelerator, frames, seconds)
    latencies = _latencies(accelerator, frames[:1], seconds)
    one = package.head.run(batch[: accelerator.transfer_frames])
    one = one[: place.reserve(len(one))]
    counted = [cycles for cycles in (accelerator.cycles(one) for _ in range(3)) if cycles is not None]
    cycles = min(counted, default=None)
    clock = place.clock_mhz()
    hertz = 1e6 * (clock or package.clock_mhz)
    power, energy = _power(accelerator, batch, max(seconds, POWER_S))
    return Benchmark(
        model=package.model,
        where=place.where,
        frames=len(batch),
        frames_per_s=len(batch) / took,
        latency_ms=1e3 * float(np.percentile(latencies, 50)),
        latency_95_ms=1e3 * float(np.percentile(latencies, 95)),
        hardware_frames=len(one),
        cycles=cycles,
        hardware_frames_per_s=hertz * len(one) / cycles if cycles is not None else None,
        build_frames_per_s=hertz / package.manifest["cycles"]["interval"],
        build_source=package.manifest["cycles"]["source"],
        clock_asked_mhz=package.clock_mhz,
        clock_mhz=clock,
        power=power,
        energy_mj=energy,
    )


def _frames(package: Package) -> np.ndarray:
    """The package's samples, or random frames over the input's range where it has none."""
    try:
        return Samples.of(package).inputs
    except PackageError:
        head, rng = package.head, np.random.default_rng(0)
        if head.integer:
            return rng.integers(package.input.low, package.input.high + 1, (16, *head.model_shape))
        return rng.uniform(-head.reach, head.reach, (16, *head.model_shape)).astype(np.float32)


def _batch(accelerator: Accelerator, frames: np.ndarray, seconds: float) -> tuple[np.ndarray, float]:
    """A batch that takes about that long, and how long it took."""
    most = max(1, MOST_BYTES // frames[0].nbytes)
    count = 1
    while True:
        batch = frames[np.arange(count) % len(frames)]
        began = time.perf_counter()
        accelerator.infer(batch)
        took = time.perf_counter() - began
        if took >= seconds / 2 or count >= most:
            return batch, took
        count = min(most, max(count + 1, int(count * min(16.0, seconds / max(took, 1e-9)))))


def _latencies(accelerator: Accelerator, frame: np.ndarray, seconds: float) -> list[float]:
    least, most = LATENCIES
    found: list[float] = []
    while len(found) < least or (len(found) < most and sum(found) < seconds):
        began = time.perf_counter()
        accelerator.infer(frame)
        found.append(time.perf_counter() - began)
    return found


def _power(accelerator: Accelerator, batch: np.ndarray, seconds: float) -> tuple[Power | None, float | None]:
    watts = accelerator.place.watts
    if not watts():
        return None, None
    idle = mean_watts(watts, lambda: time.sleep(seconds / 2))
    batches = 0

    def work() -> None:
        nonlocal batches
        until = time.perf_counter() + seconds
        while not batches or time.perf_counter() < until:
            accelerator.infer(batch)
            batches += 1

    began = time.perf_counter()
    running = mean_watts(watts, work)
    rate = batches * len(batch) / (time.perf_counter() - began)
    power = Power(idle, running)
    return power, 1e3 * power.running_w / rate


def _short(value: float) -> str:
    """Four digits, with thousands marked."""
    return f"{value:,.0f}" if value >= 1000 else f"{value:.4g}"
