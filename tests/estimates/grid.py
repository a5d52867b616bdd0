"""Configurations on which the estimates are held to yosys: each kernel's own, and what tells a stale figure."""

from __future__ import annotations

import dataclasses
import hashlib
import importlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np

from hw.kernels import kinds
from hw.kernels.conformance import FAMILIES, parameters
from hw.kernels.kernel import Kernel

DEFINED = ("SYNTHESIS", "YOSYS")
"""Macros that yosys defines."""


@dataclass(frozen=True)
class Configuration:
    """One configuration of a kernel for a part family.

    Attributes:
        kernel: with its parameters.
        family: ``ecp5``, ``xc7`` or ``xcup``.
        index: its place in the kernel's grid; every second one is held out: no model was fitted to it.
    """

    kernel: Kernel
    family: str
    index: int

    @property
    def kind(self) -> str:
        return type(self.kernel).__name__

    @property
    def held_out(self) -> bool:
        return self.index % 2 == 1

    @cached_property
    def label(self) -> str:
        """The fields that are not their defaults, arrays by shape and range."""
        said = []
        for field in dataclasses.fields(self.kernel):
            value = getattr(self.kernel, field.name)
            if field.name == "family" or (not isinstance(value, np.ndarray) and value == field.default):
                continue
            if isinstance(value, np.ndarray):
                value = f"{'x'.join(map(str, value.shape))} in {int(value.min())}..{int(value.max())}"
            said.append(f"{field.name}={value}")
        return ", ".join(said)

    @cached_property
    def key(self) -> str:
        """Digest of all that yosys reads: RTL, parameters, contents of memories, family."""
        digest = hashlib.sha256(self.family.encode())
        for path in self.kernel.sources():
            digest.update(synthesized_text(path).encode())
        digest.update(repr((self.kernel.module, sorted(parameters(self.kernel).items()))).encode())
        for name, memory in sorted(self.kernel.memories().items()):
            digest.update(f"{name} {memory.hex()}".encode())
        return digest.hexdigest()[:16]


def configurations(kind: str) -> Iterator[Configuration]:
    """Yield a kernel's configurations, for all part families.

    Raises:
        ModuleNotFoundError: it has no ``grid.py``.
    """
    folder = kinds()[kind].__module__.rpartition(".")[0]
    grid = importlib.import_module(f"{folder}.grid").grid
    for family in FAMILIES:
        for index, kernel in enumerate(grid(family)):
            yield Configuration(kernel, family, index)


def all_configurations() -> Iterator[Configuration]:
    """Yield the configurations of every kernel."""
    for kind in sorted(kinds()):
        yield from configurations(kind)


@lru_cache
def synthesized_text(path: Path) -> str:
    """Return what yosys reads of a source: without comments, blanks, and branches for simulators."""
    kept, branches = [], [True]
    for line in re.sub(r"//.*", "", path.read_text()).splitlines():
        words = line.split()
        if not words:
            continue
        if words[0] in ("`ifdef", "`ifndef"):
            branches.append((words[1] in DEFINED) == (words[0] == "`ifdef"))
        elif words[0] == "`else":
            branches[-1] = not branches[-1]
        elif words[0] == "`endif":
            branches.pop()
        elif all(branches):
            kept.append(" ".join(words))
    return "\n".join(kept)
