"""Proofs of the handshakes: nothing lost, repeated or reordered, and every word in time.

A proof lies beside what it is about: ``NAME_formal.sv`` holds the assertions, ``proofs.py`` assigns ``PROOFS``, a
tuple of ``hw.formal.proof.Proof``. It is found by itself.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hw.formal.proof import Proof


def proofs() -> dict[str, Proof]:
    """Every proof by its name."""
    root = Path(__file__).parents[1]
    found: dict[str, Proof] = {}
    for path in sorted(root.rglob("proofs.py")):
        module = ".".join([root.name, *path.relative_to(root).with_suffix("").parts])
        found |= {proof.name: proof for proof in importlib.import_module(module).PROOFS}
    return found
