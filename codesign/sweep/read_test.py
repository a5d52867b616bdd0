"""Studies from YAML: what is read, and what is refused with which sentence."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

import quant.models
from codesign.errors import MissingTool, UserError
from codesign.sweep import read as reading
from codesign.sweep.checks import checked
from codesign.sweep.read import find, read, shipped
from codesign.sweep.study import Constraint, Range, Study, TrainingPlan, VerifyPlan
from quant.model import Model, Variation

WHOLE = """
name: skeleton-bits
model: skeleton-tiny
objectives: [accuracy, latency_us, lut]
constraints: ["fps >= 1000", "lut <= 2e4"]
per: board
sampler: tpe
trials: 200
seed: 3
axes:
  weight_bits: [2, 3, 4, 8]
  act_bits: {low: 2, high: 8}
  board: [PYNQ-Z2, zcu104]
  target_fps: {low: 5e2, high: 50000, log: true}
  clock_mhz: {low: 50, high: 100, step: 25}
fixed: {form: lut}
training: {float_epochs: 7, rungs: [1, 5], folds: 3}
verify: {simulate: 20, synthesize: 5, frames: 21}
"""


@pytest.fixture(autouse=True)
def _variations(monkeypatch: pytest.MonkeyPatch) -> None:
    """The skeleton net with known variations, whatever it has."""
    bits = {name: Variation(f"{name} of the net", 2, 8, _same) for name in ("weight_bits", "act_bits")}
    variations = {**bits, "depth": Variation("stages", 1, 4, _same)}
    monkeypatch.setattr(type(quant.models.get("skeleton-tiny")), "variations", variations)


def _same(model: Any, value: Any) -> Model:
    found: Model = model
    return found


def written(folder: Path, text: str = WHOLE, **changes: Any) -> Path:
    """The study in ``text`` with top-level keys changed, or taken out where None."""
    given = {**yaml.safe_load(text), **changes}
    path = folder / "study.yaml"
    path.write_text(yaml.safe_dump({k: v for k, v in given.items() if v is not None}, sort_keys=False))
    return path


def test_all_of_a_study_is_read(tmp_path: Path) -> None:
    path = tmp_path / "any.yaml"
    path.write_text(WHOLE)
    assert read(path) == Study(
        name="skeleton-bits",
        model="skeleton-tiny",
        axes={
            "weight_bits": Range((2, 3, 4, 8)),
            "act_bits": Range(low=2, high=8, step=1),
            "board": Range(("pynq_z2", "zcu104")),
            "target_fps": Range(low=500, high=50_000, log=True),
            "clock_mhz": Range(low=50, high=100, step=25),
        },
        objectives=("accuracy", "latency_us", "lut"),
        fixed={"form": "lut"},
        constraints=(Constraint("fps", True, 1000), Constraint("lut", False, 20_000)),
        per="board",
        sampler="tpe",
        trials=200,
        seed=3,
        training=TrainingPlan(float_epochs=7, rungs=(1, 5), folds=3),
        verify=VerifyPlan(simulate=20, synthesize=5, frames=21),
    )


def test_what_is_left_out_is_the_default(tmp_path: Path) -> None:
    text = "model: skeleton-tiny\nobjectives: [lut]\ntrials: 5\naxes: {target_fps: {low: 1, high: 9}}\n"
    (tmp_path / "few.yaml").write_text(text)
    given = {"target_fps": Range(low=1, high=9)}
    assert read(tmp_path / "few.yaml") == Study("few", "skeleton-tiny", given, ("lut",), trials=5)


def test_folders_are_relative_to_the_file(tmp_path: Path) -> None:
    (tmp_path / "frames").mkdir()
    (tmp_path / "net.onnx").touch()
    path = written(tmp_path, model="net.onnx", data="frames", objectives=["lut"], axes={"board": ["zcu104"]}, per=None)
    study = read(path)
    assert (study.model, study.data) == (str(tmp_path / "net.onnx"), tmp_path / "frames")
    (tmp_path / "other").mkdir()
    assert read(path, tmp_path / "other").data == tmp_path / "other"
    with pytest.raises(UserError, match=r"study.yaml: The data folder .*gone does not exist"):
        read(path, tmp_path / "gone")


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "unknown key": (
        {"objectivs": ["lut"]},
        r"no key of a study 'objectivs': there are name, .*did you mean objectives\?",
    ),
    "unknown key of training": ({"training": {"epochs": 3}}, r"no key of training 'epochs'.*did you mean float_epochs"),
    "unknown key of a range": ({"axes": {"target_fps": {"lo": 1}}}, "no key of the range of target_fps 'lo'.*mean low"),
    "unknown axis": (
        {"axes": {"weigth_bits": [2]}, "per": None},
        r"no axis 'weigth_bits': there are board, target_fps, clock_mhz, form, weight_bits, act_bits, depth; did you "
        r"mean weight_bits\?",
    ),
    "unknown fixed axis": ({"fixed": {"speed": 2}}, "no axis 'speed'"),
    "both": ({"fixed": {"board": "zcu104"}}, "axis board is under axes and under fixed: keep one"),
    "no axes": ({"axes": {}}, "varies nothing: give at least one axis"),
    "axes no mapping": ({"axes": ["board"]}, "axes must be a mapping"),
    "empty list": ({"axes": {"board": []}}, "axis board has an empty list"),
    "a single value": (
        {"axes": {"board": "zcu104"}},
        "axis board is 'zcu104': give a list.*a single value under fixed",
    ),
    "low above high": ({"axes": {"act_bits": {"low": 8, "high": 2}}}, "act_bits goes from 8 to 2: low must be below"),
    "one value": ({"axes": {"act_bits": {"low": 4, "high": 4}}}, "act_bits goes from 4 to 4: low must be below"),
    "no high": ({"axes": {"act_bits": {"low": 4}}}, "range of act_bits has no high"),
    "low no number": (
        {"axes": {"act_bits": {"low": "few", "high": 4}}},
        "low of act_bits is 'few': it must be a number",
    ),
    "log no truth": ({"axes": {"act_bits": {"low": 2, "high": 4, "log": "yes"}}}, "has log: 'yes', which must be true"),
    "log and step": (
        {"axes": {"act_bits": {"low": 2, "high": 8, "step": 2, "log": True}}},
        "log and a step: leave one",
    ),
    "step 0": ({"axes": {"target_fps": {"low": 1, "high": 5, "step": 0}}}, "target_fps has the step 0: .*above 0"),
    "step below 0": (
        {"axes": {"target_fps": {"low": 1, "high": 5, "step": -1}}},
        "target_fps has the step -1: .*above 0",
    ),
    "step not whole": ({"axes": {"act_bits": {"low": 2, "high": 8, "step": 1.5}}}, "the step 1.5: it must be whole"),
    "step misses high": (
        {"axes": {"act_bits": {"low": 2, "high": 8, "step": 4}}},
        "does not come from 2 to 8 in steps of 4: the last value is 6",
    ),
    "step beyond": ({"axes": {"target_fps": {"low": 1, "high": 5, "step": 9}}}, "steps of 9: the last value is 1"),
    "twice": ({"axes": {"board": ["zcu104", "ZCU104"]}}, "axis board has the value 'zcu104' twice"),
    "twice as numbers": ({"axes": {"act_bits": [4, "4"]}, "per": None}, "axis act_bits has the value 4 twice"),
    "range of names": ({"axes": {"form": {"low": 1, "high": 2}}, "fixed": {}}, "axis form has names, not numbers"),
    "value of a wrong type": ({"axes": {"act_bits": [[2]]}}, r"axis act_bits has the value \[2\]"),
    "truth for a number": ({"axes": {"act_bits": [True]}}, "axis act_bits has the value True"),
    "beyond": ({"axes": {"act_bits": [2, 9]}}, "axis act_bits must be a whole number from 2 to 8, not 9"),
    "range beyond": (
        {"axes": {"act_bits": {"low": 2, "high": 9}}},
        "act_bits must be a whole number from 2 to 8, not 9",
    ),
    "not whole": ({"axes": {"act_bits": [2.5]}}, "act_bits must be a whole number from 2 to 8, not 2.5"),
    "no number": ({"axes": {"target_fps": ["fast"]}}, "target_fps must be a number from 0.001 to .*not 'fast'"),
    "not above 0": ({"axes": {"target_fps": [0]}}, "target_fps must be a number from 0.001"),
    "clock": (
        {"fixed": {"clock_mhz": 5000}, "axes": {"board": ["zcu104"]}},
        "clock_mhz must be a number from 1 to 1,000",
    ),
    "clock that a board does not make": (
        {"fixed": {"clock_mhz": 7.77}, "axes": {"board": ["zcu104", "ulx3s"]}},
        "PLL makes no 7.77 MHz",
    ),
    "form": ({"fixed": {"form": "luts"}}, "axis form is one of auto, lut, dsp, not 'luts'"),
    "board": ({"axes": {"board": ["zcu105"]}}, r"No board is named 'zcu105'.*did you mean zcu104\?"),
    "per": ({"per": "form"}, "no varied axis for per 'form'"),
    "figure": ({"objectives": ["latency"]}, r"no figure 'latency'.*did you mean latency_us\?"),
    "no objectives": ({"objectives": []}, "no objectives: give figures such as"),
    "objectives missing": ({"objectives": None}, "no objectives: give figures such as"),
    "objectives no list": ({"objectives": "lut"}, "objectives is 'lut': it must be a list"),
    "objective twice": ({"objectives": ["lut", "lut"]}, "lut, lut name a figure twice"),
    "test half": ({"objectives": ["test_accuracy"]}, "test_accuracy is of the test half.*ask for accuracy"),
    "limit on the test half": ({"constraints": ["test_accuracy >= 0.9"]}, "test_accuracy is of the test half"),
    "error of a classifier": ({"objectives": ["error"]}, "skeleton-tiny has no error: ask for its accuracy"),
    "constraint": ({"constraints": ["fps > 3"]}, "constraint 'fps > 3' must be a figure, >= or <=, and a number"),
    "constraint no text": ({"constraints": [3]}, "constraint 3 must be a figure"),
    "figure of a constraint": ({"constraints": ["luts <= 3"]}, r"no figure 'luts'.*did you mean lut\?"),
    "limit": ({"constraints": ["lut <= few"]}, "limit of 'lut <= few' is 'few': it must be a number"),
    "endless limit": ({"constraints": ["lut <= inf"]}, "lut <= inf must have a number as its limit"),
    "refuses the better": ({"constraints": ["fps <= 5"]}, "fps <= 5 would refuse the better: More of it .*write >="),
    "refuses the smaller": ({"constraints": ["lut >= 5"]}, "lut >= 5 would refuse the better: Less of it .*write <="),
    "percent": ({"constraints": ["accuracy >= 95"]}, "accuracy >= 95 is met by nothing: accuracy is a share of 1"),
    "below 0": ({"constraints": ["lut <= -1"]}, "lut <= -1 is met by nothing"),
    "no limit": ({"constraints": ["fps >= 0"]}, "fps >= 0 is met by everything"),
    "two limits": ({"constraints": ["lut <= 5", "lut <= 7"]}, "lut <= 5 and lut <= 7 are on one figure: keep one"),
    "model": ({"model": "skeleton-tny"}, r"no model 'skeleton-tny'.*did you mean skeleton-tiny\?"),
    "model missing": ({"model": None}, "key model is missing"),
    "no file": ({"model": "gone.onnx"}, "The model .*gone.onnx does not exist"),
    "sampler": ({"sampler": "nsga"}, r"no sampler 'nsga'.*did you mean nsga2\?"),
    "no trials": ({"trials": None}, "sampler tpe goes on for ever: say with trials"),
    "trials": ({"trials": 0}, "trials is 0: it must be a whole number from 1"),
    "trials no number": ({"trials": 2.5}, "trials is 2.5: it must be a whole number"),
    "grid over real numbers": (
        {"sampler": "grid"},
        "axis target_fps is a range of real numbers: give a list of values",
    ),
    "grid too large": (
        {
            "sampler": "grid",
            "axes": {"target_fps": {"low": 1, "high": 1e6, "step": 1}, "act_bits": [2, 3]},
            "per": None,
        },
        r"grid has 2,000,000 points \(1,000,000 of target_fps × 2 of act_bits\), and at most 1,000,000",
    ),
    "name": ({"name": "../up"}, r"name '\.\./up' must be letters"),
    "rungs": ({"training": {"rungs": [4, 4]}}, r"rungs of training is \[4, 4\]: it must be a list of rising"),
    "no rungs": ({"training": {"rungs": []}}, "rungs of training is .*rising"),
    "rung 0": ({"training": {"rungs": [0, 4]}}, "rungs of training is 0: it must be a whole number from 1"),
    "folds": ({"training": {"folds": 1}}, "folds of training is 1: it must be a whole number from 2"),
    "frames": ({"verify": {"frames": 0}}, "frames of verify is 0: it must be a whole number from 1"),
    "verify no mapping": ({"verify": 3}, "verify must be a mapping"),
    "data": ({"data": "gone"}, "data folder .*gone does not exist"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_is_one_sentence(case: str, tmp_path: Path) -> None:
    changes, sentence = BAD[case]
    with pytest.raises(UserError, match=sentence) as refused:
        read(written(tmp_path, **changes))
    assert str(refused.value).startswith(f"{tmp_path / 'study.yaml'}: ")
    assert "\n" not in str(refused.value)


def test_accuracy_is_not_asked_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "net.onnx").touch()
    axes: dict[str, Any] = {"axes": {"board": ["zcu104"]}}
    with pytest.raises(UserError, match=r"net.onnx is a QONNX file, which has no accuracy: leave it out"):
        read(written(tmp_path, model="net.onnx", **axes))
    with pytest.raises(UserError, match="no axis 'weight_bits': there are board, target_fps, clock_mhz, form"):
        read(written(tmp_path, model="net.onnx", objectives=["lut"]))
    limited: dict[str, Any] = {"objectives": ["lut"], "constraints": ["accuracy >= 0.5"]}
    with pytest.raises(UserError, match="has no accuracy"):
        read(written(tmp_path, model="net.onnx", **limited, **axes))


def test_a_wave_net_has_an_error_and_no_accuracy(tmp_path: Path) -> None:
    few: dict[str, Any] = {"model": "wave-compressed", "axes": {"board": ["zcu104"]}}
    assert read(written(tmp_path, objectives=["error"], **few)).objectives == ("error",)
    with pytest.raises(UserError, match="wave-compressed has no accuracy: ask for its error"):
        read(written(tmp_path, **few))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("name: a\nmodel: [\n", "This is no YAML in line 3"),
        ("name: a\nmodel: b\nname: c\n", "Line 3 has the key 'name' a second time"),
        ("axes:\n  board: [a]\n  board: [b]\n", "Line 3 has the key 'board' a second time"),
        ("just words", "The study must be a mapping"),
        ("", "The study must be a mapping"),
    ],
)
def test_what_is_no_yaml_names_its_line(text: str, sentence: str, tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text(text)
    with pytest.raises(UserError, match=re.escape(sentence)):
        read(tmp_path / "s.yaml")


def test_what_is_no_text_is_said(tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UserError, match="cannot be read"):
        read(tmp_path / "s.yaml")


def test_without_the_library_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "yaml", None)
    (tmp_path / "s.yaml").write_text(WHOLE)
    with pytest.raises(MissingTool, match=r"pip install 'codesign\[sweep\]'"):
        read(tmp_path / "s.yaml")


def test_a_study_is_found_by_name_or_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert find("skeleton-bits") == reading.SHIPPED / "skeleton-bits.yaml"
    assert find(str(written(tmp_path))) == tmp_path / "study.yaml"
    with pytest.raises(UserError, match=r"no study \(nor such a file\) 'skeleton-bit'.*did you mean skeleton-bits"):
        find("skeleton-bit")
    with pytest.raises(UserError, match=r"study gone.yaml does not exist: give a YAML file"):
        find("gone.yaml")


def test_a_study_from_python_is_held_to_the_same(tmp_path: Path) -> None:
    study = read(written(tmp_path))
    assert checked(study) == study
    with pytest.raises(UserError, match="trials is 0: it must be at least 1"):
        checked(replace(study, trials=0))
    with pytest.raises(UserError, match=r"target_fps must be a number from 0.001 to .*not True"):
        checked(replace(study, axes={"target_fps": Range((True,))}, per=""))
    with pytest.raises(UserError, match="must be above 0"):
        checked(replace(study, axes={"act_bits": Range(low=2, high=8, step=-1)}, per=""))


def test_every_study_that_ships_has_its_files_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    assert shipped()
    for name, path in shipped().items():
        assert read(path).name == name
