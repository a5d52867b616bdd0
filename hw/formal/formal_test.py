"""Proofs are found, declared well, and one of them holds and finds its mistake."""

import dataclasses
from pathlib import Path

import pytest
from click.testing import CliRunner

from codesign.errors import MissingTool, UserError
from hw.formal import proofs
from hw.formal.__main__ import formal
from hw.formal.proof import Mutation
from hw.formal.prover import mutate, prove
from hw.synth import sby


def test_every_proof_is_found() -> None:
    root = Path(__file__).parents[1]
    assert set(proofs()) == {path.stem.removesuffix("_formal") for path in root.rglob("*_formal.sv")}
    assert {"stream_fifo", "register_slice", "axi_stream_register"} <= set(proofs())


@pytest.mark.parametrize("name", sorted(proofs()))
def test_a_proof_has_mistakes_to_find(name: str) -> None:
    proof = proofs()[name]
    texts = [proof.mutated(mutation) for mutation in proof.mutations]
    assert len(texts) >= 2
    assert all(text != proof.files() for text in texts)
    assert all(mutation.case in range(len(proof.cases)) for mutation in proof.mutations)


def test_a_mistake_that_fits_nowhere_is_told() -> None:
    with pytest.raises(UserError, match=r"must replace text that occurs once in stream_fifo.sv, which 'clk' does \d+"):
        proofs()["stream_fifo"].mutated(Mutation("vague", "stream_fifo.sv", "clk", "rst_n"))


def test_the_fifo_is_proven_once(tmp_path: Path) -> None:
    proof = proofs()["stream_fifo"]
    first = prove(proof, 0, tmp_path)
    assert first.good and not first.cached
    assert {"fifo.in_order", "fifo.out.data_held", "fifo.shows.in_time", "opens.in_time"} <= set(first.properties)
    assert {"fifo.words.reaches_full", "fifo.words.empties_again"} <= set(first.covers)
    again = prove(proof, 0, tmp_path)
    assert again.good and again.cached and again.properties == first.properties


def test_a_mistake_in_the_fifo_is_found(tmp_path: Path) -> None:
    proof = proofs()["stream_fifo"]
    result = mutate(proof, proof.mutations[0], tmp_path)
    assert result.good
    assert result.properties[0].startswith("fifo.words.no_more_than_fit (step ")


def test_a_proof_that_fails_shows_a_waveform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    proof = proofs()["register_slice"]
    broken = tmp_path / "register_slice.sv"
    broken.write_text(proof.mutated(proof.mutations[0])["register_slice.sv"])
    monkeypatch.setattr("hw.formal.__main__.proofs", lambda: {"x": dataclasses.replace(proof, rtl=(broken,))})
    done = CliRunner().invoke(formal, ["x", "-j", "1", "-o", str(tmp_path / "out")])
    assert getattr(done.exception, "exit_status", 0) == 4
    assert "violates" in str(done.exception) and (tmp_path / "out" / "results.json").is_file()
    assert Path(str(done.exception).split("see ")[1].split(" ")[0]).suffix == ".vcd"


def test_a_harness_that_reaches_nothing_is_refused(tmp_path: Path) -> None:
    proof = dataclasses.replace(proofs()["register_slice"], cover_depth=2)
    result = prove(proof, 0, tmp_path)
    assert not result.good
    assert "does not reach" in result.problem and "slice.words.reaches_full" in result.problem


def test_a_missing_program_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sby, "programs", lambda: {**dict.fromkeys(sby.PROGRAMS, "x"), "abc": None})
    assert sby.find() is None
    with pytest.raises(MissingTool, match=r"^yosys-abc not found, without which nothing is proven: pip install"):
        sby.require()
