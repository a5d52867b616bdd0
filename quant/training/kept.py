"""Trained nets that are kept: named by all that they depend on, whole or not there, made once by all processes.

`$CODESIGN_CACHE/train` holds them; it may be deleted at any time.
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch
from filelock import FileLock
from torch import Tensor, nn

from codesign.errors import UserError
from codesign.files import cache_folder, replacing
from quant import npz
from quant.training.fit import Tick, deterministic

State = dict[str, np.ndarray]


def nothing() -> None:
    """A tick that tells nobody."""


@cache
def code(folder: Path = Path(__file__).parent) -> bytes:
    """SHA-256 of how nets are trained: the code in `folder` and the versions beneath it.

    The layers' code is seen by each net's `fingerprint`, data by its bytes.
    """
    key = hashlib.sha256(repr([(name, version(name)) for name in ("torch", "numpy", "brevitas")]).encode())
    for path in sorted(folder.glob("*.py")):
        if not path.name.endswith("_test.py"):
            key.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return key.digest()


def place(kind: str, *parts: Any) -> Path:
    """The file of what `code` makes of `parts`: tensors and arrays by their bytes, others by what `repr` says."""
    key = hashlib.sha256(code())
    for part in parts:
        if isinstance(part, Tensor):
            part = part.contiguous().numpy()
        if isinstance(part, np.ndarray):
            key.update(repr((part.dtype, part.shape)).encode() + np.ascontiguousarray(part).tobytes())
        else:
            key.update(repr(part).encode())
        key.update(b"\0")
    return cache_folder() / "train" / f"{kind}-{key.hexdigest()[:24]}.npz"


def read(path: Path) -> State | None:
    """What is kept in `path`; None where nothing is, or it is damaged."""
    if not path.is_file():
        return None
    try:
        return npz.read(path, "trained net")
    except UserError:
        return None


def alone(path: Path) -> FileLock:
    """A lock on `path`: one process has it, others wait; the system frees it when its holder is killed."""
    folder = cache_folder() / "train.locks"
    folder.mkdir(parents=True, exist_ok=True)
    return FileLock(folder / f"{path.stem}.lock")


def once(path: Path, make: Callable[[], Mapping[str, np.ndarray]]) -> State:
    """What is kept in `path`, made first where it is not there; of processes that want the same, one makes it."""
    found = read(path)
    if found is None:
        with alone(path):
            found = read(path)
            if found is None:
                with replacing(path) as part:
                    np.savez(part, allow_pickle=False, **dict(make()))
                found = npz.read(path, "trained net")
    return found


def state_of(net: nn.Module) -> State:
    """`net`'s parameters and buffers."""
    return {name: value.detach().numpy() for name, value in net.state_dict().items()}


def fingerprint(build: Callable[[bool], nn.Module], quantized: bool, shape: tuple[int, ...]) -> str:
    """What a fresh net makes of a fixed batch: layers, sizes and number formats all change it."""
    with deterministic(0) as random, torch.no_grad():
        net = build(quantized)
        batch = torch.randn((8, *shape), generator=random)
        seen = net.train()(batch), net.eval()(batch)
    return hashlib.sha256(b"".join(y.contiguous().numpy().tobytes() for y in seen)).hexdigest()


class Steps(ABC):
    """Nets that are trained one from the other: in float, quantized, and quantized further, as often as is wanted.

    Step 0 is the float net.
    """

    @property
    @abstractmethod
    def paths(self) -> tuple[Path, ...]:
        """Where the net after each step is kept."""

    @property
    @abstractmethod
    def epochs(self) -> tuple[int, ...]:
        """Of each step."""

    @abstractmethod
    def net(self, step: int) -> nn.Module:
        """The net after `step`, ready to run; trained first where it is not kept."""

    @abstractmethod
    def _made(self, step: int, tick: Tick) -> Mapping[str, np.ndarray]:
        """Train `step`, from the nets of the steps before."""

    def state(self, step: int, tick: Tick = nothing) -> State:
        """What is kept of the net after `step`; trained first where it is not; `tick` after each epoch."""
        found = read(self.paths[step])
        if found is None:
            return once(self.paths[step], lambda: self._made(step, tick))
        for _ in range(self.epochs[step]):
            tick()
        return found

    def finished(self) -> bool:
        """Whether all nets are kept, undamaged."""
        return all(read(path) is not None for path in self.paths)

    def train(self, tick: Tick) -> None:
        """Train what isn't kept, and keep it, whole or not at all."""
        for step in range(len(self.paths)):
            self.state(step, tick)
