"""Pictures show what they say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.image import imread

from codesign.errors import UserError
from quant.data.wave import picture, sizes
from quant.data.wave.problems import random_problem

SIZE = sizes.get("tiny")


@pytest.fixture
def figures(monkeypatch: pytest.MonkeyPatch) -> list[Figure]:
    """The figures that are saved."""
    kept: list[Figure] = []
    save = picture._save

    def keep(figure: Figure, path: Path) -> None:
        kept.append(figure)
        save(figure, path)

    monkeypatch.setattr(picture, "_save", keep)
    return kept


def test_a_problem(tmp_path: Path, figures: list[Figure]) -> None:
    problem = random_problem(SIZE, 1)
    picture.draw_problem(tmp_path / "problem.png", SIZE, problem)
    axes = figures[0].axes[0]
    stars = [np.ravel(np.asarray(line.get_xydata())).tolist() for line in axes.lines if line.get_marker() == "*"]
    assert sorted(stars) == sorted(list(source.place) for source in problem.sources)
    named = [text.get_text() for text in figures[0].legends[0].get_texts()]
    assert sorted(named) == sorted({"source", "zone", *problem.sides.values()})
    assert axes.patches[0].get_extents().transformed(axes.transData.inverted()).bounds == pytest.approx(
        (10.5 / 32, 10.5 / 32, 11 / 32, 11 / 32)
    )
    assert imread(tmp_path / "problem.png").std() > 0.05


def test_fields_share_one_scale_and_rows_go_up(tmp_path: Path, figures: list[Figure]) -> None:
    true, predicted = np.random.default_rng(0).standard_normal((2, 2, 8, 9))
    picture.draw_fields(tmp_path / "fields.svg", true, predicted, ["first", "second"])
    images = [axes.images[0] for axes in figures[0].axes if axes.images]
    shown = [true[0], predicted[0], predicted[0] - true[0], true[1], predicted[1], predicted[1] - true[1]]
    for image, field in zip(images, shown, strict=True):
        np.testing.assert_array_equal(image.get_array(), field)
        assert image.origin == "lower"
    most = max(np.abs(true).max(), np.abs(predicted).max())
    assert {image.get_clim() for image in images} == {(-most, most)}
    error = np.linalg.norm(predicted[1] - true[1]) / np.linalg.norm(true[1])
    assert f"difference ({error:.1%})" in [axes.get_title() for axes in figures[0].axes]
    assert (tmp_path / "fields.svg").read_text().count("<image") >= 6


def test_refused(tmp_path: Path) -> None:
    field = np.ones((1, 4, 4))
    with pytest.raises(UserError, match=r"must end in one of \.png, \.svg, \.pdf"):
        picture.draw_fields(tmp_path / "x.txt", field, field, ["a"])
    with pytest.raises(UserError, match=r"are \[1, 4, 4\] and \[1, 4, 3\] with 1 name"):
        picture.draw_fields(tmp_path / "x.png", field, field[..., :3], ["a"])
    with pytest.raises(UserError, match=r"predicted field at index \(0, 0, 0\) is nan"):
        picture.draw_fields(tmp_path / "x.png", field, field * np.nan, ["a"])
    assert list(tmp_path.iterdir()) == []
