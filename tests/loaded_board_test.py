"""The driver on a simulated board whose accelerator loads its weights: two DMAs, batches, faults and resets."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from codesign_board import Accelerator
from codesign_board.errors import MemoryShortage, PackageError, PlaceError, TransferError, TransferTimeout
from codesign_board.package import Package

from hw.design.design import Design
from hw.design.testdata.loaded import WORDS, chain, sums
from sw.simboard.faults import FAULTS
from tests.loaded_board import HIGH, LOW, board, sign


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Design, Path]:
    """A design with kernels of both kinds, and its package on a simulated board."""
    design = chain()
    return design, board(tmp_path_factory.mktemp("loaded"), design)


def check(accelerator: Accelerator, design: Design, frames: int, seed: int) -> None:
    q = np.random.default_rng(seed).integers(LOW, HIGH, (frames, WORDS, 1), endpoint=True)
    np.testing.assert_array_equal(accelerator.infer_integers(q), sums(design, q))


@pytest.mark.parametrize("stalls", [0.0, 0.4])
@pytest.mark.parametrize("transfer", [1 << 20, 100])
def test_batches_of_any_size(
    made: tuple[Design, Path], stalls: float, transfer: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With long transfers of weights, and with one for each frame, which must be begun again while frames run."""
    monkeypatch.setattr("codesign_board.weights.TRANSFER_BYTES", transfer)
    design, package = made
    with Accelerator.load(package, place="sim", stalls=stalls, seed=3) as accelerator:
        for turn, frames in enumerate((1, 7, 40, 1, 300)):
            check(accelerator, design, frames, turn)
        seen = accelerator.registers()
        assert seen["ERRORS"] == 0 and seen["FRAMES_OUT"] == 349
        assert 1 + 349 * 3 <= seen["LOADED"] <= 1 + 351 * 3, "never more than two sets ahead"
        accelerator.reset()
        assert accelerator.registers()["LOADED"] <= 3
        check(accelerator, design, 5, 9)


@pytest.mark.parametrize("kinds", [("once",), ("each", "each")])
def test_designs_with_one_kind(kinds: tuple[str, ...], tmp_path: Path) -> None:
    design = chain(kinds)
    with Accelerator.load(board(tmp_path, design), place="sim", stalls=0.2) as accelerator:
        for turn, frames in enumerate((3, 20)):
            check(accelerator, design, frames, turn)
        accelerator.reset()
        check(accelerator, design, 4, 5)
        assert accelerator.registers()["ERRORS"] == 0


WHILE_RUNNING = [
    (
        "weights_slave_error",
        TransferError,
        "The weights DMA's channel MM2S reports a slave error",
        ("MM2S_DMASR", 1 << 5),
    ),
    ("weights_hang", TransferTimeout, "It waits for weights: it has taken", ("MM2S_DMACR", 1)),
    ("weights_cut", TransferError, "reports ERRORS.WEIGHTS: a packet of weights was cut short", ("MM2S_DMACR", 1)),
]


@pytest.mark.parametrize(("fault", "kind", "told", "bit"), WHILE_RUNNING)
def test_faults_while_frames_run_are_told_and_a_reset_cures_them(
    made: tuple[Design, Path], fault: str, kind: type[Exception], told: str, bit: tuple[str, int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr("codesign_board.weights.TRANSFER_BYTES", 100)
    design, package = made
    with Accelerator.load(package, place="sim", faults=f"{fault}:4", patience_s=0.2) as accelerator:
        with pytest.raises(kind, match=told) as caught:
            check(accelerator, design, 60, 1)
        state = caught.value.state  # type: ignore[attr-defined]
        assert accelerator.place.state()["WEIGHTS_" + bit[0]] & bit[1] and "LOADED" in state
        with pytest.raises(TransferError, match="Call reset"):
            check(accelerator, design, 1, 1)
        accelerator.reset()
        check(accelerator, design, 60, 2)


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (
            "weights_slave_error",
            "The weights cannot be loaded on a simulated .*: The weights DMA's channel MM2S reports a slave",
        ),
        ("weights_hang", "The accelerator does not take its weights: nothing has moved for too long"),
        ("weights_cut", r"ERRORS\.WEIGHTS"),
        ("dma_reset_stuck:3", "No DMA answers on .*: The weights DMA does not come out of its reset"),
    ],
)
def test_faults_at_loading_are_told(made: tuple[Design, Path], fault: str, told: str) -> None:
    with pytest.raises(PlaceError, match=told):
        Accelerator.load(made[1], place="sim", faults=fault, patience_s=0.2)


def test_every_fault_is_tried() -> None:
    assert {name for name, *_ in WHILE_RUNNING} == {name for name, fault in FAULTS.items() if fault.weights}


def test_a_weights_dma_that_hangs_in_its_reset_is_configured_anew(made: tuple[Design, Path]) -> None:
    design, package = made
    with Accelerator.load(package, place="sim", faults="dma_reset_stuck:6") as accelerator:
        check(accelerator, design, 3, 1)
        accelerator.reset()
        check(accelerator, design, 3, 2)


def test_memory_of_the_weights_counts_and_is_given_back(made: tuple[Design, Path]) -> None:
    design, package = made
    with pytest.raises(MemoryShortage, match=r"has no 1048\d+ bytes of contiguous memory for the weights"):
        Accelerator.load(package, place="sim", memory=1 << 20)
    accelerator = Accelerator.load(package, place="sim", memory=(1 << 20) + (1 << 15))
    check(accelerator, design, 500, 4)
    memory = accelerator.place._host.system.memory  # type: ignore[attr-defined]
    accelerator.close()
    assert memory.available == memory.size


def changed_word(weights: bytearray) -> bytearray:
    weights[8] ^= 4
    return weights


def other_order(weights: bytearray) -> bytearray:
    return weights[48:96] + weights[:48] + weights[96:]


@pytest.mark.parametrize("change", [changed_word, other_order])
def test_other_weights_give_other_sums(
    made: tuple[Design, Path], change: Callable[[bytearray], bytearray], tmp_path: Path
) -> None:
    """What the driver sends is the file, and nothing else knows the weights."""
    design, package = made
    shutil.copytree(package.parent, tmp_path / "board")
    copy = tmp_path / "board" / "deploy"
    weights = copy / "weights.bin"
    weights.write_bytes(change(bytearray(weights.read_bytes())))
    with pytest.raises(PackageError, match=r"weights\.bin was changed since it was made"):
        Package.load(copy)
    sign(copy)
    with Accelerator.load(copy, place="sim") as accelerator, pytest.raises(AssertionError, match="Mismatched elements"):
        check(accelerator, design, 3, 6)


@pytest.mark.parametrize("stated", [{"start_bytes": 88}, {"frame_bytes": 1}, {"start_bytes": 100, "frame_bytes": 92}])
def test_a_manifest_that_misstates_them_is_refused(
    made: tuple[Design, Path], stated: dict[str, int], tmp_path: Path
) -> None:
    copy = shutil.copytree(made[1], tmp_path / "deploy")
    manifest = json.loads((copy / "manifest.json").read_text())
    manifest["weights"] |= stated
    (copy / "manifest.json").write_text(json.dumps(manifest))
    sign(copy)
    with pytest.raises(PackageError, match=r"bytes of weights, and weights\.bin has 192: build the package again"):
        Package.load(copy)
