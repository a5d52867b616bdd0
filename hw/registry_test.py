"""Rules by operator: found in the files of a package, one for each class."""

from __future__ import annotations

from pathlib import Path

import pytest

from codesign.graph import Add, Conv, MatMul, Reshape
from hw.registry import Registry


def test_rules_are_found_in_the_packages_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "words"
    package.mkdir()
    (package / "__init__.py").write_text("from hw.registry import Registry\nWORDS = Registry(__name__, __path__)\n")
    (package / "sums.py").write_text(
        "from codesign.graph import Add, MatMul\nfrom words import WORDS\n\n\n"
        "@WORDS.takes(Add, MatMul)\ndef total(op):\n    return 'sum'\n"
    )
    (package / "sums_test.py").write_text("raise AssertionError('a test is no rule')\n")
    monkeypatch.syspath_prepend(tmp_path)
    import words  # type: ignore[import-not-found]

    assert words.WORDS.rules == {}  # nothing is read before a rule is asked for
    rule = words.WORDS.of(Add)
    assert rule is not None and rule(None) == "sum" and words.WORDS.of(MatMul) is rule
    assert words.WORDS.of(Reshape) is None


def test_a_file_that_fails_fails_every_time_and_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "phrases"
    package.mkdir()
    (package / "__init__.py").write_text("from hw.registry import Registry\nPHRASES = Registry(__name__, __path__)\n")
    rule = "from codesign.graph import {0}\nfrom phrases import PHRASES\n\n\n@PHRASES.takes({0})\ndef one(op): ...\n"
    broken = package / "broken.py"
    broken.write_text(rule.format("Add") + "PHRASES.of(Add)\nraise RuntimeError('broken')\n")
    (package / "later.py").write_text(rule.format("Conv"))
    monkeypatch.syspath_prepend(tmp_path)
    import phrases  # type: ignore[import-not-found]

    for _ in range(2):
        with pytest.raises(RuntimeError, match="broken"):
            phrases.PHRASES.of(Conv)
    broken.write_text(rule.format("Add") + "# whole again\n")
    assert phrases.PHRASES.of(Conv) is not None and phrases.PHRASES.of(Add) is not None


def test_a_file_may_ask_while_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "answers"
    package.mkdir()
    (package / "__init__.py").write_text("from hw.registry import Registry\nANSWERS = Registry(__name__, __path__)\n")
    (package / "asks.py").write_text(
        "from codesign.graph import Add, Conv\nfrom answers import ANSWERS\n\nFOUND = ANSWERS.of(Conv)\n\n\n"
        "@ANSWERS.takes(Add)\ndef total(op): ...\n"
    )
    (package / "later.py").write_text(
        "from codesign.graph import Add, Conv\nfrom answers import ANSWERS\n\n\n"
        "@ANSWERS.takes(Conv)\ndef window(op): ...\n\n\nBEFORE = ANSWERS.of(Add)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    import answers  # type: ignore[import-not-found]

    assert answers.ANSWERS.of(Add) is answers.asks.total
    assert answers.asks.FOUND is answers.later.window
    assert answers.later.BEFORE is None  # the file that asked had not come to it yet


def test_a_second_rule_for_a_kind_is_refused() -> None:
    registry: Registry = Registry("nothing", [])  # type: ignore[type-arg]
    registry.takes(Conv)(print)
    with pytest.raises(ValueError, match="Conv has two rules"):
        registry.takes(Add, Conv)(repr)
