"""CSV and JSON lines of every point, read back."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from codesign.sweep.export import write_csv, write_jsonl
from codesign.sweep.point import Row
from codesign.sweep.study import Constraint, Range, Study

STUDY = Study(
    "bits",
    "skeleton-tiny",
    {"act_bits": Range((2, 4)), "board": Range(("pynq_z2", "ulx3s"))},
    ("accuracy", "lut"),
    fixed={"clock_mhz": 50},
    constraints=(Constraint("dsp", False, 0),),
)
ROWS = [
    Row(
        {"act_bits": 4, "board": "ulx3s", "clock_mhz": 50},
        {"accuracy": 0.875, "lut": 1234, "dsp": 0, "energy_uj": float("inf")},
        {"accuracy": "measured", "lut": "yosys estimate", "dsp": "model"},
        "synthesize",
        seconds={"train": 1.5, "simulate": 0.25},
        decisions={"train": "as good as any"},
        slot=2,
    ),
    Row({"act_bits": 4, "board": "pynq_z2"}, {"accuracy": 0.5, "lut": 2000, "dsp": 0}, {}, "model", slot=1),
    Row(
        {"act_bits": 2, "board": "pynq_z2"},
        {"lut": 99.5, "dsp": 3},
        {"lut": "model", "dsp": "model"},
        "estimate",
        'misses "dsp", and\nmore',
        {"dsp <= 0": 3.0},
        slot=0,
    ),
]


def command(row: Row) -> str:
    return f"codesign sweep pick 'my, study' --point {row.slot}"


def test_csv_has_every_point_with_sources(tmp_path: Path) -> None:
    write_csv(tmp_path / "points.csv", STUDY, ROWS, command)
    with (tmp_path / "points.csv").open(newline="") as file:
        lines = list(csv.DictReader(file))
    assert [line["slot"] for line in lines] == ["0", "1", "2"]
    stopped, beaten, best = lines
    assert list(best)[:5] == ["slot", "act_bits", "board", "accuracy", "accuracy source"]
    assert (best["accuracy"], best["accuracy source"]) == ("0.875", "measured")
    assert (best["lut"], best["lut source"]) == ("1234", "yosys estimate")
    assert (best["act_bits"], best["board"]) == ("4", "ulx3s")
    assert (best["train seconds"], best["simulate seconds"], best["model seconds"]) == ("1.5", "0.25", "")
    assert (best["feasible"], best["front"], best["stage"]) == ("True", "True", "synthesize")
    assert (beaten["feasible"], beaten["front"]) == ("True", "False")
    assert (stopped["feasible"], stopped["front"]) == ("False", "False")
    assert stopped["stopped"] == 'misses "dsp", and\nmore'
    assert (stopped["accuracy"], stopped["dsp"], stopped["violations"]) == ("", "3", "dsp <= 0 by 300 %")
    assert [line["command"] for line in lines] == [command(row) for row in reversed(ROWS)]
    assert "energy_uj" not in best  # infinite: not known


def test_json_lines_have_the_same(tmp_path: Path) -> None:
    write_jsonl(tmp_path / "points.jsonl", STUDY, ROWS, command)
    stopped, beaten, best = (json.loads(line) for line in (tmp_path / "points.jsonl").read_text().splitlines())
    assert best == {
        "slot": 2,
        "point": {"act_bits": 4, "board": "ulx3s", "clock_mhz": 50},
        "figures": {
            "accuracy": {"value": 0.875, "source": "measured"},
            "lut": {"value": 1234, "source": "yosys estimate"},
            "dsp": {"value": 0, "source": "model"},
        },
        "stage": "synthesize",
        "feasible": True,
        "front": True,
        "stopped": "",
        "violations": {},
        "decisions": {"train": "as good as any"},
        "seconds": {"train": 1.5, "simulate": 0.25},
        "command": command(ROWS[0]),
    }
    assert beaten["point"]["clock_mhz"] == 50  # what is fixed is said too
    assert (stopped["violations"], stopped["feasible"]) == ({"dsp <= 0": 3.0}, False)


def test_no_point_is_no_line(tmp_path: Path) -> None:
    write_csv(tmp_path / "points.csv", STUDY, [], command)
    write_jsonl(tmp_path / "points.jsonl", STUDY, [], command)
    assert (tmp_path / "points.csv").read_text().splitlines()[0].startswith("slot,act_bits,board,stage")
    assert (tmp_path / "points.jsonl").read_text() == ""
