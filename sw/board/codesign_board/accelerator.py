"""An accelerator as its users see it: frames in, results out, wherever it runs."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from codesign_board import inputs
from codesign_board.benchmark import Benchmark, measure
from codesign_board.errors import BoardError, InputError, TransferError
from codesign_board.package import Package
from codesign_board.place import Place
from codesign_board.places import open_place
from codesign_board.selftest import SelfTest, run_samples
from codesign_board.stream import PingPong

TRANSFER_S = 2e-3
"""What a transfer should last: long beside what it takes to start one, short enough to pack the next meanwhile."""
TRANSFER_BYTES = 2**20
"""What a buffer should hold at most."""


class Accelerator:
    """A loaded accelerator; use it as a context manager, or ``close`` it.

    Several threads may use it, and take turns; a stream keeps it to itself, and belongs to one thread.

    Args:
        package: what runs.
        place: where it runs.

    Attributes:
        package, place: the same.
    """

    def __init__(self, package: Package, place: Place) -> None:
        self.package = package
        self.place = place
        self._slots = PingPong(place)
        self._lock = threading.RLock()
        self._stream: object | None = None
        """The stream under way, if there is one."""
        self._closed = False

    @classmethod
    def load(cls, package: str | Path | Package, place: str | None = None, **options: Any) -> Accelerator:
        """Load a package's accelerator.

        Args:
            package: the folder ``deploy/`` of a build, or the zip made of it.
            place: ``pynq`` (this board), ``serial`` (a board on a serial line) or another that is installed; what the
                package is for where none is named.
            options: of the place, such as the serial line's ``port``.

        Raises:
            PackageError: the package is damaged, or lacks what the place needs.
            PlaceError: the place is not there, or something else answers.
        """
        package = package if isinstance(package, Package) else Package.load(package)
        opened = open_place(place, package, options)
        return cls(package, opened) if isinstance(opened, Place) else opened

    def infer(self, x: Any) -> np.ndarray:
        """Return the model's outputs, float64 [N, *output shape], of frames [N, *model_shape] of any real type.

        Raises:
            InputError: of the wrong type or shape, none, not finite; out of range where the model takes integers.
            TransferError: they did not come through; call ``reset``.
        """
        x, _ = inputs.frames(x, self.package)
        with self._turn():
            chunks = map(self.package.head.run, _split(x, self._reserve()))
            with closing(self._slots.run(chunks)) as outputs:  # at once, whatever interrupts it
                return np.concatenate([self.package.tail.run(y) for y in outputs])

    def infer_integers(self, q: Any) -> np.ndarray:
        """Return the last integers [N, *shape] for the first integers [N, *shape], both channels last.

        Raises:
            InputError: of the wrong type or shape, none, or out of range.
            TransferError: they did not come through; call ``reset``.
        """
        q = inputs.integers(q, self.package)
        with self._turn(), closing(self._slots.run(_split(q, self._reserve()))) as outputs:
            return np.concatenate(list(outputs))

    def classify(self, x: Any) -> np.ndarray:
        """Return each frame's class: the label where the model's labels are known, else the index (int64).

        The class is the output's greatest element along its last axis, the first of equals; frames as in ``infer``.
        """
        scores = self.infer(x)
        if scores.ndim < 2:
            raise InputError(f"{self.package.model} gives one number a frame, and no scores of classes: use infer.")
        found = np.argmax(scores, axis=-1)
        labels = self.package.tail.labels
        return np.asarray(labels)[found] if labels else found

    def stream(self, frames: Iterable[Any]) -> Iterator[np.ndarray]:
        """Yield the outputs of frames as they come, in order; the accelerator works while the next are made ready.

        Args:
            frames: each one frame [*model_shape] or a batch [N, *model_shape]; the next one is taken before the
                results of the last are there.

        Yields:
            float64, as ``infer`` gives it, without the batch axis where one frame was given.

        Raises:
            BoardError: another stream is under way.
            InputError, TransferError: see ``infer``.
        """
        token = object()
        with self._turn():
            most = self._reserve()
            self._stream = token
        waiting: deque[tuple[int, bool]] = deque()  # of each item: its chunks, and whether it was one frame

        def chunks() -> Iterator[np.ndarray]:
            for item in frames:
                x, lone = inputs.frames(item, self.package, single=True)
                waiting.append((-(-len(x) // most), lone))
                yield from map(self.package.head.run, _split(x, most))

        parts: list[np.ndarray] = []
        try:
            with closing(self._slots.run(chunks())) as outputs:
                for y in outputs:
                    parts.append(self.package.tail.run(y))
                    if len(parts) == waiting[0][0]:
                        _, lone = waiting.popleft()
                        whole, parts = np.concatenate(parts), []
                        yield whole[0] if lone else whole
        finally:
            if self._stream is token:
                self._stream = None

    def benchmark(self, seconds: float = 0.5) -> Benchmark:
        """Measure latency, throughput, clock and power; see ``Benchmark``.

        Args:
            seconds: about how long each of its measurements lasts.
        """
        return measure(self, seconds)

    def selftest(self, frames: int | None = None) -> SelfTest:
        """Run the package's samples, all or the first ``frames``, and compare the integers exactly.

        Raises:
            PackageError: the package has no samples.
        """
        return run_samples(self, frames)

    def cycles(self, q: Any) -> int | None:
        """Return the clock cycles of one transfer of integers [N, *shape], as ``infer_integers`` takes them.

        They count from before its start until its end was noticed, without packing and unpacking; None where nothing
        counts them.

        Raises:
            InputError: see ``infer_integers``; or they are more than one transfer takes.
            TransferError: they did not come through; call ``reset``.
        """
        q = inputs.integers(q, self.package)
        with self._turn():
            most = self._reserve()
            if len(q) > most:
                raise InputError(f"One transfer takes at most {most} frames here, and {len(q)} were given.")
            return self._slots.cycles(q) or None

    def reset(self) -> None:
        """Bring the accelerator to where it was after loading, whatever state it is in; a stream ends.

        Raises:
            TransferError: it does not come back; load it again.
        """
        with self._lock:
            self._check_open()
            self._stream = None
            self._slots.reset()

    def registers(self) -> dict[str, int]:
        """Return the values of all registers that can be read, by name."""
        with self._lock:
            self._check_open()
            return {name: self.place.read(name) for name in self.package.registers.index if name != "CONTROL"}

    def close(self) -> None:
        """Give buffers and device back; closing twice does no harm."""
        with self._lock:
            if not self._closed:
                self._closed, self._stream = True, None
                self._slots.abandon()
                self.place.close()

    def __enter__(self) -> Accelerator:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Accelerator {self.package.model} on {self.place.where}{' (closed)' if self._closed else ''}>"

    @property
    def transfer_frames(self) -> int:
        """How many frames a transfer should have; where memory is short it has fewer."""
        package = self.package
        by_time = TRANSFER_S * 1e6 * package.clock_mhz / package.manifest["cycles"]["interval"]
        by_memory = TRANSFER_BYTES / max(package.input.frame_bytes, package.output.frame_bytes)
        return max(1, int(min(by_time, by_memory)))

    def _reserve(self) -> int:
        return self.place.reserve(self.transfer_frames)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Have the accelerator to oneself.

        Raises:
            BoardError: it is closed, or a stream is under way.
            TransferError: it has failed and was not reset.
        """
        with self._lock:
            self._check_open()
            failure = self._slots.failure
            if failure is not None:
                raise TransferError(f"Call reset() first: the last transfer failed ({failure.text})", failure.state)
            if self._stream is not None:
                raise BoardError("A stream is under way: take it to its end or close() it first.")
            yield

    def _check_open(self) -> None:
        if self._closed:
            raise BoardError(f"This accelerator ({self.package.model}) is closed: load it again.")


def _split(frames: np.ndarray, most: int) -> list[np.ndarray]:
    """Return views of at most ``most`` frames each."""
    return [frames[start : start + most] for start in range(0, len(frames), most)]
