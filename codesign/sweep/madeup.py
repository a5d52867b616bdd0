"""Made-up rows that look like a study's, for tests of what shows them."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from codesign.sweep.point import Row, Value
from codesign.sweep.study import Constraint, Range, Study

BITS = (2, 3, 4, 6, 8)
BOARDS = ("pynq_z2", "zcu104", "ulx3s", "kv260")
HELD = 53_200
"""Look-up tables that every made-up board has."""


def study(name: str = "bits-folding", per: str = "", trials: int = 400) -> Study:
    """Return a study of six axes, three objectives and two constraints."""
    axes = {
        "board": Range(BOARDS),
        "weight_bits": Range(BITS),
        "act_bits": Range(BITS),
        "width": Range(low=8, high=64, step=8),
        "target_fps": Range(low=500, high=20_000, log=True),
        "form": Range(("auto", "lut", "dsp")),
    }
    limits = (Constraint("fps", True, 1000), Constraint("lut", False, 40_000))
    objectives = ("accuracy", "latency_us", "lut")
    return Study(name, "skeleton-tiny", axes, objectives, {"clock_mhz": 100}, limits, per=per, trials=trials)


def rows(of: Study, count: int, seed: int = 0) -> list[Row]:
    """Return ``count`` judged points: some stopped by the estimate, some in training, some of the front verified."""
    random = Random(seed)
    judged = [_row(of, slot, random) for slot in range(count)]
    best = {row.slot for row in of.front(judged)}
    return [_verified(row, random) if row.slot in best and random.random() < 0.8 else row for row in judged]


def _point(random: Random) -> dict[str, Value]:
    return {
        "board": random.choice(BOARDS),
        "weight_bits": random.choice(BITS),
        "act_bits": random.choice(BITS),
        "width": random.randrange(8, 65, 8),
        "target_fps": 500 * 40 ** random.random(),
        "form": random.choice(("auto", "lut", "dsp")),
    }


def _row(of: Study, slot: int, random: Random) -> Row:
    point = _point(random)
    bits, width = (int(point["weight_bits"]), int(point["act_bits"])), int(point["width"])
    figures = _hardware(point, random)
    sources = dict.fromkeys(figures, "model")
    said = {"estimate": f"{figures['fps']:.0f} frames/s, {figures['lut']:.0f} LUT"}
    seconds = {"estimate": random.uniform(0.01, 0.03)}
    missed = of.violations(figures)
    if figures["share"] > 1 or figures["fps"] < 1000:
        why = f"it takes {figures['share']:.2f} of the LUTs of {point['board']}"
        if figures["share"] <= 1:
            why = f"it reaches {figures['fps']:.0f} frames/s, and 1000 are asked for"
        return Row(point, figures, sources, "estimate", why, missed, said, seconds, slot)
    noise = random.gauss(0, 0.004)
    accuracy = min(1.0, 0.97 - 0.25 * 2.0 ** -bits[0] - 0.32 * 2.0 ** -bits[1] - 0.9 / width + noise)
    figures, sources = figures | {"accuracy": accuracy}, sources | {"accuracy": "measured"}
    seconds = seconds | {"train": random.uniform(10, 40)}
    if random.random() < 0.25:
        better = f"point {random.randrange(500)} is better by {random.uniform(0.02, 0.1):.3f}"
        why = f"after 4 epochs {better}, at no cost more"
        return Row(point, figures, sources, "train", why, missed, said | {"train": "4 epochs"}, seconds, slot)
    figures, sources = figures | {"test_accuracy": accuracy - 0.01}, sources | {"test_accuracy": "measured"}
    said, seconds = said | {"train": "40 epochs"}, seconds | {"model": random.uniform(1, 3)}
    return Row(point, figures, sources, "model", "", missed, said, seconds, slot)


def _hardware(point: dict[str, Value], random: Random) -> dict[str, float]:
    width, target = int(point["width"]), float(point["target_fps"])
    work = target * width * (int(point["weight_bits"]) * int(point["act_bits"])) ** 0.8
    fps = target * random.uniform(1, 1.4)
    luts = int((2000 + work / 600 * random.uniform(0.9, 1.1)) * (0.6 if point["form"] == "dsp" else 1))
    return {
        "fps": fps,
        "interval": round(1e8 / fps),
        "latency_us": 2.4e6 / fps * random.uniform(0.9, 1.2),
        "lut": luts,
        "ff": int(1.2 * luts),
        "bram": width // 4,
        "dsp": int(target * width / 5000) if point["form"] == "dsp" else 0,
        "share": luts / HELD,
        "energy_uj": 3 * luts / fps,
    }


def _verified(row: Row, random: Random) -> Row:
    sources = {**row.sources, **dict.fromkeys(("fps", "interval", "latency_us"), "measured (RTL)")}
    stage, said = "simulate", {**row.decisions, "simulate": "0 mismatches in 20 frames"}
    if random.random() < 0.5:
        stage, sources = "synthesize", sources | dict.fromkeys(("lut", "ff", "bram", "dsp"), "yosys estimate")
    return replace(row, sources=sources, stage=stage, decisions=said, seconds={**row.seconds, "simulate": 4.0})
