"""Accelerators as users see them, on a board in Python."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.fake_board import HIGH, LOW, FakeBoard, frames, manifest, model, network, write_package

import codesign_board.stream
from codesign_board import Accelerator
from codesign_board.errors import BoardError, InputError, MemoryShortage, TransferError
from codesign_board.package import Package
from codesign_board.places.axi import AxiPlace


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Package:
    return Package.load(write_package(tmp_path_factory.mktemp("package")))


@pytest.fixture
def board() -> FakeBoard:
    return FakeBoard()


@pytest.fixture
def accelerator(package: Package, board: FakeBoard, monkeypatch: pytest.MonkeyPatch) -> Iterator[Accelerator]:
    """One whose transfers are of eight frames."""
    monkeypatch.setattr("codesign_board.accelerator.TRANSFER_BYTES", 8 * 16)
    with Accelerator(package, AxiPlace(package, board, "fake", "a fake board", patience_s=0.02)) as found:
        yield found


@pytest.mark.parametrize("count", [1, 2, 7, 8, 9, 15, 16, 17, 200])
def test_any_batch_goes_through_whole(accelerator: Accelerator, board: FakeBoard, count: int) -> None:
    x = frames(count)
    y = accelerator.infer(x)
    assert y.dtype == np.float64 and np.array_equal(y, model(x))
    assert board.events.count("start") == -(-count // 8)
    q = np.random.default_rng(count).integers(LOW, HIGH + 1, (count, 4, 6))
    assert np.array_equal(accelerator.infer_integers(q), network(q))


def test_results_are_the_users_own(accelerator: Accelerator) -> None:
    q = np.random.default_rng(0).integers(LOW, HIGH + 1, (3, 4, 6))
    first = accelerator.infer_integers(q)
    accelerator.infer_integers(-q)
    assert np.array_equal(first, network(q))


def test_a_batch_larger_than_memory_is_split(package: Package) -> None:
    board = FakeBoard(room=500)
    accelerator = Accelerator(package, AxiPlace(package, board, "fake", "a fake board"))
    x = frames(100)
    assert np.array_equal(accelerator.infer(x), model(x))
    assert board.events.count("start") >= 15
    board = FakeBoard(room=30)
    accelerator = Accelerator(package, AxiPlace(package, board, "fake", "a fake board"))
    with pytest.raises(MemoryShortage):
        accelerator.infer(x)


def test_a_transfer_lasts_about_as_long_as_it_should(package: Package) -> None:
    accelerator = Accelerator(package, AxiPlace(package, FakeBoard(), "fake", "a fake board"))
    assert accelerator.transfer_frames == 10_000  # 2 ms of 100 MHz at 20 cycles a frame


def test_what_is_wrong_with_frames_is_told_before_anything_runs(accelerator: Accelerator, board: FakeBoard) -> None:
    x = frames(30)
    x[29, 0, 0] = np.nan
    for call in (accelerator.infer, accelerator.classify):
        with pytest.raises(InputError, match=r"not finite.*at \[29, 0, 0\]"):
            call(x)
    with pytest.raises(InputError, match="outside"):
        accelerator.infer_integers(np.full((9, 4, 6), 9))
    assert "start" not in board.events


def test_classes_are_labels_where_they_are_known(tmp_path: Path, accelerator: Accelerator) -> None:
    x = frames(50)
    expected = [max(range(5), key=lambda c: (y[c], -c)) for y in model(x).tolist()]
    assert accelerator.classify(x).tolist() == expected
    labels = ["sit", "stand", "walk", "run", "jump"]
    package = Package.load(write_package(tmp_path, tail={**manifest()["tail"], "labels": labels}))
    with Accelerator(package, AxiPlace(package, FakeBoard(), "fake", "there")) as named:
        assert named.classify(x).tolist() == [labels[c] for c in expected]


def test_the_first_of_equal_classes_is_taken(package: Package) -> None:
    board = FakeBoard(compute=lambda q: np.tile([0, 1, 5, 0, 2], (len(q), 1)))  # 0, 1.5, 1.5, 2, 1.25
    board.compute = lambda q: np.tile([0, 4, 8, 2, 0], (len(q), 1))  # 0, 3, 3, 3, 0.25
    accelerator = Accelerator(package, AxiPlace(package, board, "fake", "there"))
    assert accelerator.classify(frames(3)).tolist() == [1, 1, 1]


def test_a_stream_gives_what_infer_gives_in_the_same_form(accelerator: Accelerator) -> None:
    items = [frames(1, 0)[0], frames(3, 1), frames(20, 2), frames(1, 3), frames(8, 4), frames(1, 5)[0]]
    found = list(accelerator.stream(iter(items)))
    assert [y.shape for y in found] == [(5,), (3, 5), (20, 5), (1, 5), (8, 5), (5,)]
    for x, y in zip(items, found, strict=True):
        assert np.array_equal(y, model(x)) if x.ndim == 3 else np.array_equal(y, model(x[None])[0])
    assert list(accelerator.stream([])) == []


def test_a_stream_is_one_item_ahead(accelerator: Accelerator, board: FakeBoard) -> None:
    def source() -> Iterator[np.ndarray]:
        for seed in range(4):
            board.events.append(f"take {seed}")
            yield frames(2, seed)

    for k, _ in enumerate(accelerator.stream(source())):
        board.events.append(f"give {k}")
    order = [e for e in board.events if e[:4] in ("take", "give", "star", "done")]
    assert order == [
        *("take 0", "start"),
        *("take 1", "done", "start", "give 0"),
        *("take 2", "done", "start", "give 1"),
        *("take 3", "done", "start", "give 2"),
        *("done", "give 3"),
    ]


def test_an_abandoned_stream_gives_the_accelerator_back(accelerator: Accelerator, board: FakeBoard) -> None:
    for _ in accelerator.stream(frames(2, seed) for seed in range(9)):
        break
    assert board.events.count("start") == board.events.count("done")
    x = frames(9)
    assert np.array_equal(accelerator.infer(x), model(x))


def test_an_error_in_a_streams_source_gives_the_accelerator_back(accelerator: Accelerator, board: FakeBoard) -> None:
    def source() -> Iterator[Any]:
        yield frames(20)
        yield np.zeros((2, 2))

    with pytest.raises(InputError, match=r"\[2, 2\] was given"):
        list(accelerator.stream(source()))
    assert board.events.count("start") == board.events.count("done") > 0
    x = frames(9)
    assert np.array_equal(accelerator.infer(x), model(x))


def test_nothing_else_runs_during_a_stream(accelerator: Accelerator) -> None:
    stream = accelerator.stream(frames(2, seed) for seed in range(9))
    next(stream)
    with pytest.raises(BoardError, match=r"A stream is under way.*close\(\) it"):
        accelerator.infer(frames(1))
    with pytest.raises(BoardError, match="A stream is under way"):
        next(accelerator.stream([]))
    stream.close()  # type: ignore[attr-defined]
    accelerator.infer(frames(1))
    stream = accelerator.stream(frames(2, seed) for seed in range(9))
    next(stream)
    accelerator.reset()
    x = frames(9)
    assert np.array_equal(accelerator.infer(x), model(x))
    with pytest.raises(BoardError, match="ended by reset"):
        next(stream)
    assert np.array_equal(accelerator.infer(x), model(x))


@pytest.mark.parametrize(
    "call",
    [
        lambda a: a.infer(frames(20)),
        lambda a: a.classify(frames(1)),
        lambda a: a.infer_integers(np.ones((9, 4, 6), int)),
        lambda a: list(a.stream([frames(4), frames(4)])),
        lambda a: a.cycles(np.ones((8, 4, 6), int)),
        lambda a: a.selftest(),
    ],
)
def test_after_a_failure_only_reset_helps(
    accelerator: Accelerator, board: FakeBoard, call: Callable[[Accelerator], Any]
) -> None:
    board.error = 1 << 5
    with pytest.raises(TransferError, match="DMASlvErr") as first:
        call(accelerator)
    board.error = 0
    with pytest.raises(TransferError, match=r"Call reset\(\) first: the last transfer failed \(.*DMASlvErr") as second:
        call(accelerator)
    assert second.value.state == first.value.state
    assert accelerator.registers()["MAGIC"] == 0x434F4453
    accelerator.reset()
    call(accelerator)
    x = frames(30)
    assert np.array_equal(accelerator.infer(x), model(x))


def test_a_reset_that_fails_is_no_reset(accelerator: Accelerator, board: FakeBoard) -> None:
    board.stuck = board.broken = True
    with pytest.raises(TransferError, match="does not come out of its reset"):
        accelerator.reset()
    assert board.downloads == 2
    with pytest.raises(TransferError, match="Call reset"):
        accelerator.infer(frames(1))
    board.stuck = False
    accelerator.reset()
    accelerator.infer(frames(1))


def test_a_closed_accelerator_says_so(accelerator: Accelerator, board: FakeBoard) -> None:
    stream = accelerator.stream([frames(1), frames(1)])
    next(stream)
    accelerator.close()
    accelerator.close()
    assert board.closes == 1 and board.buffers == []
    for call in (accelerator.reset, accelerator.registers, lambda: accelerator.infer(frames(1)), accelerator.selftest):
        with pytest.raises(BoardError, match=r"accelerator \(sums\) is closed: load it again"):
            call()
    with pytest.raises(BoardError, match=r"ended by reset\(\) or close\(\)"):
        next(stream)
    assert "closed" in repr(accelerator)


def test_threads_take_turns(accelerator: Accelerator) -> None:
    wrong: list[int] = []

    def work(seed: int) -> None:
        for turn in range(5):
            x = frames(30, 100 * seed + turn)
            if not np.array_equal(accelerator.infer(x), model(x)):
                wrong.append(seed)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_cycles_are_of_one_transfer(accelerator: Accelerator, board: FakeBoard) -> None:
    board.cycles_per_read = 1234
    board.accelerator.cycles = 2**32 - 2000
    found = accelerator.cycles(np.ones((8, 4, 6), int))
    assert found is not None and 0 < found < 10**6 and found % 1234 == 0
    with pytest.raises(InputError, match="takes at most 8 frames here, and 9 were given"):
        accelerator.cycles(np.ones((9, 4, 6), int))


def test_registers_are_read_by_name(accelerator: Accelerator) -> None:
    accelerator.infer(frames(11))
    found = accelerator.registers()
    assert found["BUILD"] == 0xF8A432EB and found["FRAMES_OUT"] == 11 and "CONTROL" not in found


@pytest.mark.parametrize("method", ["infer", "infer_integers"])
def test_what_interrupts_a_batch_leaves_nothing_under_way(
    accelerator: Accelerator, board: FakeBoard, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    """Not even while the traceback is kept, as notebooks keep it."""
    x, q = frames(40), np.random.default_rng(1).integers(LOW, HIGH + 1, (40, 4, 6))
    unpack = codesign_board.stream.unpack
    calls: list[int] = []

    def interrupted(*arguments: Any) -> np.ndarray:
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return unpack(*arguments)

    monkeypatch.setattr("codesign_board.stream.unpack", interrupted)
    with pytest.raises(KeyboardInterrupt) as kept:
        accelerator.infer(x) if method == "infer" else accelerator.infer_integers(q)
    assert board.events[-1] != "start"
    assert np.array_equal(accelerator.infer(x), model(x)) and np.array_equal(accelerator.infer_integers(q), network(q))
    del kept


def test_an_interrupt_behind_the_accelerator(accelerator: Accelerator, monkeypatch: pytest.MonkeyPatch) -> None:
    x, run, calls = frames(40), type(accelerator.package.tail).run, list[int]()

    def interrupted(tail: Any, y: np.ndarray) -> np.ndarray:
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return run(tail, y)

    monkeypatch.setattr(type(accelerator.package.tail), "run", interrupted)
    with pytest.raises(KeyboardInterrupt) as kept:
        accelerator.infer(x)
    assert np.array_equal(accelerator.infer(x), model(x))
    del kept
