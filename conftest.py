"""What tests in all folders share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def simulated_build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build with a simulated board in ``simboard/``; see ``tests.simulated_board``."""
    from tests.simulated_board import build  # here, because it imports all of the toolchain

    base = tmp_path_factory.getbasetemp()
    session = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    return build(session / "simulated_build")


@pytest.fixture(scope="session")
def simulated_board(simulated_build: Path) -> Path:
    """The folder of a simulated board: skeleton-tiny on a ZCU104."""
    return simulated_build / "simboard"
