"""Two slots in turn: while the accelerator works on one, the other is packed and read."""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Iterable, Iterator

import numpy as np

from codesign_board.errors import BoardError, TransferError
from codesign_board.packing import pack, unpack
from codesign_board.place import Place


class PingPong:
    """Keeps the accelerator of one place busy.

    Args:
        place: where it runs; its slots are this object's alone.

    Attributes:
        failure: what went wrong; nothing goes through until ``reset``.
    """

    def __init__(self, place: Place) -> None:
        self.failure: TransferError | None = None
        self._place = place
        self._turn = 0
        """Counts what ends every run that was begun before."""
        self._running = False
        """A run has a transfer under way, or is not over."""

    def run(self, chunks: Iterable[np.ndarray]) -> Generator[np.ndarray, None, None]:
        """Yield the outputs of chunks in order, each while the next one runs; one run at a time.

        Args:
            chunks: integers [n, *shape] in the input's range, n no more than the place has reserved.

        Yields:
            integers [n, *shape].

        Raises:
            TransferError: see ``Place.finish``.
            BoardError: there was a reset meanwhile.
        """
        if self._running:
            raise BoardError("Another run is under way: take it to its end or close() it first.")
        turn, slot = self._turn, 0
        running: tuple[int, int] | None = None  # slot and frames
        try:
            for chunk in chunks:
                self._check(turn)
                pack(chunk, self._place.package.input, self._place.input(slot, len(chunk)))
                last, running = running, None
                packed = self._finish(*last) if last else None
                self._start(slot, len(chunk))
                running, self._running = (slot, len(chunk)), True
                if last and packed is not None:
                    yield unpack(packed, self._place.package.output, last[1])
                slot = 1 - slot
            self._check(turn)
            if running:
                last, running = running, None
                yield unpack(self._finish(*last), self._place.package.output, last[1])
        finally:
            if turn == self._turn:
                if running:
                    with contextlib.suppress(TransferError):  # it is recorded, and another error may be on its way
                        self._finish(*running)
                self._running = False

    def cycles(self, chunk: np.ndarray) -> int:
        """Return the clock cycles from before the start of one transfer until its end was noticed.

        Raises:
            TransferError: see ``Place.finish``.
        """
        place = self._place
        pack(chunk, place.package.input, place.input(0, len(chunk)))
        before = place.read("CYCLES")
        self._start(0, len(chunk))
        self._finish(0, len(chunk))
        return (place.read("CYCLES") - before) % 2**32

    def reset(self) -> None:
        """Bring everything to where it was after loading, whatever state it is in; runs that were begun end."""
        self.abandon()
        with self._recorded():
            self._place.reset()
        self.failure = None

    def abandon(self) -> None:
        """Touch the place no more for the sake of runs that were begun."""
        self._turn += 1
        self._running = False

    def _start(self, slot: int, frames: int) -> None:
        with self._recorded():
            self._place.start(slot, frames)

    def _finish(self, slot: int, frames: int) -> np.ndarray:
        with self._recorded():
            return self._place.finish(slot)

    def _check(self, turn: int) -> None:
        if turn != self._turn:
            raise BoardError("This stream was ended by reset() or close(): begin another.")

    @contextlib.contextmanager
    def _recorded(self) -> Iterator[None]:
        """Remember that a transfer went wrong, or was interrupted."""
        try:
            yield
        except TransferError as error:
            self.failure = error
            raise
        except BaseException:
            self.failure = TransferError("A transfer was interrupted.")
            raise
