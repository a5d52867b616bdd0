"""Folding files in FINN's form: what is written is read again, what has no meaning here is passed over and said."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest

from codesign.errors import UserError
from codesign.graph.examples import residual_1d
from codesign.mapping.folding import fold, read_folding, write_folding
from codesign.mapping.folding.search import Part, Search
from hw.design.design import Design
from hw.kernels.kernel import Resources
from hw.lowering import lower


@pytest.fixture(scope="module")
def lowered() -> Design:
    return lower(residual_1d(3)[0], "ecp5")


def written(path: Path, document: object) -> Path:
    path.write_text(json.dumps(document))
    return path


def test_what_a_search_finds_is_read_again_with_its_forms(lowered: Design, tmp_path: Path) -> None:
    found = Search(lowered, Part("ecp5", Resources(83_640, 83_640, 208, 156))).smallest(2_000)
    assert found is not None
    write_folding(tmp_path / "f.json", found.folding)
    document = json.loads((tmp_path / "f.json").read_text())
    assert document["Defaults"] == {}
    assert {"PE", "SIMD", "resType", "ram_style"} == set(document["matrix_vector_unit_0"])
    folding = read_folding(tmp_path / "f.json", lowered)
    assert folding == found.folding
    assert fold(lowered, folding).resources("ecp5") == found.used


def test_finns_keys_are_taken_or_passed_over(lowered: Design, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A file as FINN-plus writes it: FIFOs and converters among the layers, depths and memory styles."""
    document = {
        "Defaults": {},
        "matrix_vector_unit_0": {"PE": 4, "SIMD": 2, "resType": "dsp", "ram_style": "auto", "inFIFODepths": [2]},
        "matrix_vector_unit_1": {"PE": 2, "resType": "auto", "ram_style": "block", "mem_mode": "internal_decoupled"},
        "requantizer_0": {"PE": 4, "ram_style": "block", "serial": True},
        "StreamingFIFO_rtl_0": {"depth": 32, "impl_style": "rtl"},
        "stream_fifo_0": {"depth": 32},
    }
    with caplog.at_level(logging.INFO, "codesign"):
        folding = read_folding(written(tmp_path / "f.json", document), lowered)
    assert folding == {
        "matrix_vector_unit_0": {"pe": 4, "simd": 2, "multiplier": "dsp", "memory": "auto"},
        "matrix_vector_unit_1": {"pe": 2, "memory": "block"},
        "requantizer_0": {"pe": 4, "serial": True},
    }
    for passed in ("mem_mode of matrix_vector_unit_1", "ram_style of requantizer_0", "StreamingFIFO_rtl_0"):
        assert passed in caplog.text
    design = fold(lowered, folding)
    assert design.kernels["matrix_vector_unit_0"].multiplier == "dsp"  # type: ignore[attr-defined]
    assert design.kernels["requantizer_0"].serial  # type: ignore[attr-defined]


def test_weights_of_logic_are_finns_distributed(lowered: Design, tmp_path: Path) -> None:
    """The first unit has 8 rows of 18 columns: 48 words with three columns a word."""
    given = {"matrix_vector_unit_0": {"pe": 1, "simd": 3, "memory": "lut"}}
    write_folding(tmp_path / "f.json", given)
    assert json.loads((tmp_path / "f.json").read_text())["matrix_vector_unit_0"]["ram_style"] == "distributed"
    folding = read_folding(tmp_path / "f.json", lowered)
    assert folding == given
    assert fold(lowered, folding).kernels["matrix_vector_unit_0"].memory_form == "lut"  # type: ignore[attr-defined]


def test_a_form_that_the_folds_do_not_have_is_refused(lowered: Design, tmp_path: Path) -> None:
    document = {"matrix_vector_unit_0": {"PE": 1, "SIMD": 1, "ram_style": "distributed"}}
    folding = read_folding(written(tmp_path / "f.json", document), lowered)
    with pytest.raises(UserError, match=r"_0 memory = lut: .* at most 64 words of weights, not 144: use block or auto"):
        fold(lowered, folding)


def test_defaults_reach_the_kernels_that_have_them(lowered: Design, tmp_path: Path) -> None:
    """FINN's ``[value, types]``; what a kernel is given itself comes before."""
    document = {
        "Defaults": {"PE": [2, ["all"]], "resType": ["dsp", ["MatrixVectorUnit"]], "SIMD": [2, ["SlidingWindow"]]},
        "matrix_vector_unit_1": {"PE": 8},
    }
    folding = read_folding(written(tmp_path / "f.json", document), lowered)
    assert folding["matrix_vector_unit_0"] == {"pe": 2, "multiplier": "dsp"}
    assert folding["matrix_vector_unit_1"] == {"pe": 8, "multiplier": "dsp"}
    assert folding["requantizer_0"] == {"pe": 2}
    assert folding["sliding_window_0"] == {"simd": 2}
    assert "stream_fork_0" not in folding


def test_a_file_for_another_model_names_what_does_not_match(lowered: Design, tmp_path: Path) -> None:
    document = {"MVAU_hls_0": {"PE": 2}, "requantizer_0": {"PE": 2}, "MVAU_hls_1": {"SIMD": 2}}
    folding = read_folding(written(tmp_path / "f.json", document), lowered)
    with pytest.raises(UserError, match="names 'MVAU_hls_0', 'MVAU_hls_1', which residual_1d does not have; it must"):
        fold(lowered, folding)


WRONG = ('{"a": {"PE": "x"}}', '{"Defaults": {"PE": 3}}', "[1]", '{"a": 3}', '{"a": {"PE": [2]}}', '{"a": {"PE": 2.5}}')


@pytest.mark.parametrize("document", WRONG)
def test_what_has_not_the_form_is_one_sentence(lowered: Design, tmp_path: Path, document: str) -> None:
    (tmp_path / "f.json").write_text(document)
    with pytest.raises(UserError, match="is no folding"):
        read_folding(tmp_path / "f.json", lowered)
