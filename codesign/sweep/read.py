"""A study from its YAML file."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

import quant.models
from codesign.errors import UserError
from codesign.sweep.checks import checked
from codesign.sweep.figures import FIGURES
from codesign.sweep.names import unknown
from codesign.sweep.point import Value
from codesign.sweep.requirements import require
from codesign.sweep.study import Constraint, Range, Study, TrainingPlan, VerifyPlan

SHIPPED = Path(__file__).parent / "studies"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
CONSTRAINT = re.compile(r"\s*(\w+)\s*(>=|<=)\s*(\S+)\s*")
KEYS = tuple(field.name for field in fields(Study))
RANGE_KEYS = ("low", "high", "step", "log")
LEAST = {"float_epochs": 1, "rungs": 1, "folds": 2, "split": 1, "frames": 1}
"""The least that a number of a plan may be, 0 for those that are not here."""
Plan = TypeVar("Plan", TrainingPlan, VerifyPlan)


def shipped() -> dict[str, Path]:
    """Return the studies that come with the project, by name."""
    return {path.stem: path for path in sorted(SHIPPED.glob("*.yaml"))}


def find(study: str) -> Path:
    """Return the file of a study: a path, or the name of one that comes with the project."""
    if study in shipped():
        return shipped()[study]
    path = Path(study)
    if path.is_file():
        return path
    if path.suffix in (".yaml", ".yml") or len(path.parts) > 1:
        raise UserError(f"The study {study} does not exist: give a YAML file, or one of {', '.join(shipped())}.")
    raise unknown(study, "study (nor such a file)", shipped())


def read(path: Path, data: Path | None = None) -> Study:
    """Return the study in ``path``; folders and models in it are relative to its own folder.

    Args:
        path: of the YAML file.
        data: folder of the data set in place of the file's.

    Raises:
        UserError: it is no YAML, or something in it cannot be; one sentence that begins with the file's name.
        MissingTool: PyYAML is not installed.
    """
    try:
        study = _study(_load(path), path)
        if data is not None:
            study = replace(study, data=data.absolute())
        if study.data is not None and not study.data.is_dir():
            raise UserError(f"The data folder {study.data} does not exist.")
        return checked(study)
    except UserError as error:
        raise UserError(f"{path}: {error}") from error


def _load(path: Path) -> Mapping[str, Any]:
    """Return the file's mapping; PyYAML would take the last of two equal keys and say nothing."""
    require("yaml")
    import yaml

    class Loader(yaml.SafeLoader):
        def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
            seen = [key.value for key, _ in node.value]
            for place, (key, _) in enumerate(node.value):
                if key.value in seen[:place]:
                    raise UserError(f"Line {key.start_mark.line + 1} has the key {key.value!r} a second time.")
            return dict(super().construct_mapping(node, deep))

    try:
        found = yaml.load(path.read_text(encoding="utf-8"), Loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" in line {mark.line + 1}" if mark else ""
        raise UserError(f"This is no YAML{where}: {getattr(error, 'problem', None) or error}.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"The file cannot be read ({error}): give a study in YAML.") from error
    return _mapping(found, "The study")


def _study(given: Mapping[str, Any], path: Path) -> Study:
    _known(given, "key of a study", KEYS)
    name = given.get("name", path.stem)
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise UserError(
            f"The name {name!r} must be letters, digits, '-', '_' and '.', beginning with a letter or digit."
        )
    if "model" not in given:
        raise UserError("The key model is missing: give a preset's name or a QONNX file.")
    data = given.get("data")
    return Study(
        name=name,
        model=_model(_text(given["model"], "model"), path.parent),
        axes={axis: _range(axis, values) for axis, values in _mapping(given.get("axes") or {}, "axes").items()},
        objectives=tuple(_text(item, "objectives") for item in _list(given.get("objectives") or [], "objectives")),
        fixed={axis: _value(value, axis) for axis, value in _mapping(given.get("fixed") or {}, "fixed").items()},
        constraints=tuple(constraint(item) for item in _list(given.get("constraints") or [], "constraints")),
        per=_text(given.get("per") or "", "per"),
        sampler=_text(given.get("sampler", Study.sampler), "sampler"),
        trials=None if given.get("trials") is None else _whole(given["trials"], "trials", 1),
        seed=_whole(given.get("seed", 0), "seed", 0),
        data=None if data is None else (path.parent / _text(data, "data")).absolute(),
        training=_plan(TrainingPlan(), given.get("training") or {}, "training"),
        verify=_plan(VerifyPlan(), given.get("verify") or {}, "verify"),
    )


def _model(name: str, folder: Path) -> str:
    if name in quant.models.names() or not name.endswith(".onnx"):
        return name
    return str((folder / name).absolute())


def _range(axis: str, given: Any) -> Range:
    """Return the values of an axis from a list of choices or {low, high, step, log}."""
    if isinstance(given, list):
        if not given:
            raise UserError(f"The axis {axis} has an empty list: give at least one value.")
        return Range(tuple(_value(value, axis) for value in given))
    if not isinstance(given, Mapping):
        raise UserError(
            f"The axis {axis} is {given!r}: give a list of values or {{low: …, high: …}}, "
            f"and a single value under fixed."
        )
    _known(given, f"key of the range of {axis}", RANGE_KEYS)
    if missing := [key for key in ("low", "high") if key not in given]:
        raise UserError(f"The range of {axis} has no {missing[0]}: give low and high.")
    log = given.get("log", False)
    if not isinstance(log, bool):
        raise UserError(f"The range of {axis} has log: {log!r}, which must be true or false.")
    low, high, step = (_number(given.get(key, 0), f"{key} of {axis}") for key in ("low", "high", "step"))
    if "step" in given and step <= 0:
        raise UserError(f"The axis {axis} has the step {step:g}: it must be above 0.")
    return Range(low=low, high=high, step=step, log=log)


def constraint(text: Any) -> Constraint:
    """Return the constraint that ``text`` says, such as ``fps >= 1000``."""
    found = CONSTRAINT.fullmatch(text) if isinstance(text, str) else None
    if not found:
        raise UserError(f"The constraint {text!r} must be a figure, >= or <=, and a number, such as 'fps >= 1000'.")
    if found[1] not in FIGURES:
        raise unknown(found[1], "figure", FIGURES)
    return Constraint(found[1], found[2] == ">=", _number(found[3], f"limit of {text!r}"))


def _plan(default: Plan, given: Any, key: str) -> Plan:
    """Return ``default`` with what is given; its own values say of which type each must be."""
    items = _mapping(given, key)
    names = [field.name for field in fields(default)]
    _known(items, f"key of {key}", names)
    readers: dict[type, Callable[[Any, str, int], Any]] = {int: _whole, tuple: _rising}
    taken = {
        name: readers[type(getattr(default, name))](value, f"{name} of {key}", LEAST.get(name, 0))
        for name, value in items.items()
    }
    return replace(default, **taken)


def _rising(value: Any, what: str, least: int) -> tuple[int, ...]:
    numbers = tuple(_whole(item, what, least) for item in _list(value, what))
    if not numbers or any(b <= a for a, b in pairwise(numbers)):
        raise UserError(f"{what} is {value!r}: it must be a list of rising whole numbers, such as [4, 12, 24].")
    return numbers


def _known(given: Mapping[str, Any], what: str, names: tuple[str, ...] | list[str]) -> None:
    for key in given:
        if key not in names:
            raise unknown(key, what, names)


def _mapping(value: Any, what: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise UserError(f"{what} must be a mapping of keys to values, not {value!r}.")
    return value


def _list(value: Any, what: str) -> list[Any]:
    if not isinstance(value, list):
        raise UserError(f"{what} is {value!r}: it must be a list.")
    return value


def _text(value: Any, what: str) -> str:
    if not isinstance(value, str):
        raise UserError(f"{what} is {value!r}: it must be a text.")
    return value


def _value(value: Any, axis: str) -> Value:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise UserError(f"The axis {axis} has the value {value!r}: it must be a number or a name.")
    return value


def _number(value: Any, what: str) -> float:
    """Return a number; YAML reads 1e3 as text."""
    try:
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise ValueError
        found = float(value)
    except ValueError:
        raise UserError(f"{what} is {value!r}: it must be a number.") from None
    return int(found) if found.is_integer() else found


def _whole(value: Any, what: str, least: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise UserError(f"{what} is {value!r}: it must be a whole number from {least}.")
    return value
