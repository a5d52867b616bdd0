"""``codesign deploy`` to a simulated board with stock pynq, behind ssh: the board's self-test makes the exit status."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from codesign_board.package import SUMS, Package
from codesign_board.samples import Samples

from codesign.deploy.remote.testing import SERVERS, Bench, Sandbox, bench
from tests import environments
from tests.command import CODESIGN
from tests.environments import ROOT

PYNQ = environments.get("pynq-4.0.0")


@pytest.fixture(scope="module")
def board(simulated_board: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """A board whose Python has pynq, by a server that boards have where it is installed."""
    with bench(tmp_path_factory.mktemp("deploy"), list(SERVERS)[-1]) as found:
        boot(found.board, simulated_board)
        yield found


def boot(board: Sandbox, simboard: Path) -> None:
    """Give the board an environment of its own, with stock pynq in reach, and simulated hardware under the driver."""
    own = board.folder / "venv"
    subprocess.run([PYNQ.python, "-m", "venv", "--without-pip", own], check=True)
    (packages,) = (PYNQ.python.parents[1] / "lib").glob("python*/site-packages")
    (reach,) = (own / "lib").glob("python*/site-packages")
    (reach / "pynq.pth").write_text(f"import site; site.addsitedir({str(packages)!r})\n")
    driver = f"PYTHONPATH={ROOT} exec {own}/bin/python -m sw.simboard {simboard}"
    board.command("python3", f'[ "$1 $2" != "-m codesign_board" ] || {driver} "$@"\nexec {own}/bin/python "$@"')


def deploy(board: Bench, package: Path) -> subprocess.CompletedProcess[str]:
    user = os.environ.get("USER", "root")
    where = ["--host", f"{user}@127.0.0.1", "--port", str(board.port)]
    home = {**os.environ, "HOME": str(board.ssh.parent), "COLUMNS": "200"}
    home.pop("SSH_AUTH_SOCK", None)
    command = [*CODESIGN, "deploy", str(package), *where]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False, env=home)


def count(simulated_board: Path) -> int:
    """Frames of the self-test."""
    return len(Samples.of(Package.load(simulated_board / "deploy")).inputs)


def test_a_board_tests_itself(board: Bench, simulated_board: Path) -> None:
    done = deploy(board, simulated_board / "deploy")
    assert done.returncode == 0, done.stderr + done.stdout
    assert " with numpy and pynq on " in done.stdout
    assert "Installed the driver: codesign_board-" in done.stdout
    assert f"{10 * count(simulated_board)} integers compared with the package's, all equal." in done.stdout
    (installed,) = (board.board.folder / "venv/lib").glob("python*/site-packages/codesign_board/__init__.py")
    again = deploy(board, simulated_board / "deploy")
    assert again.returncode == 0
    assert "Nothing to copy" in again.stdout
    assert "The driver is there" in again.stdout
    assert installed.is_file()


def test_one_wrong_integer_is_status_4(board: Bench, simulated_board: Path, tmp_path: Path) -> None:
    package = tmp_path / "deploy"
    subprocess.run(["cp", "-r", simulated_board / "deploy", package], check=True)
    with np.load(package / "samples.npz") as stored:
        samples = dict(stored)
    samples["outputs"][5, 3] += 1
    np.savez(package / "samples.npz", **samples)
    names = [line.split("  ")[1] for line in (package / SUMS).read_text().splitlines()]
    made = subprocess.run(["sha256sum", *names], cwd=package, capture_output=True, text=True, check=True).stdout
    (package / SUMS).write_text(made)
    done = deploy(board, package)
    assert done.returncode == 4, done.stderr + done.stdout
    assert (
        f"{10 * count(simulated_board)} integers compared with the package's, 1 differ, the first in frame 5 at [3]"
        in done.stdout
    )
    assert done.stderr.startswith(f"Error: The self-test on {os.environ.get('USER', 'root')}@127.0.0.1 failed: ")
