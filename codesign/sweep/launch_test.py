"""Launching: as many as asked, ended together, on a cluster by submitit."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from codesign.errors import MissingTool, UserError
from codesign.sweep.launch import local, slurm


def test_workers_run_at_once_and_their_exits_come_back(tmp_path: Path) -> None:
    # each waits until three have begun: one after the other would never end
    script = (
        f"import os, pathlib, time; here = pathlib.Path({str(tmp_path)!r}); (here / str(os.getpid())).touch()\n"
        "while len(list(here.iterdir())) < 3: time.sleep(0.01)\n"
        "raise SystemExit(3)"
    )
    assert local([sys.executable, "-c", script], 3) == [3, 3, 3]


@pytest.mark.parametrize(
    ("number", "before"), [(signal.SIGINT, ""), (signal.SIGTERM, ""), (signal.SIGTERM, "trap '' INT; ")]
)
def test_an_end_reaches_every_worker_once_and_is_waited_for(
    number: signal.Signals, before: str, tmp_path: Path
) -> None:
    """Also where ctrl-C is ignored, as by what a script starts in the background."""
    worker = (
        "import os, pathlib, time\n"
        "from codesign.sweep.ending import sigterm_raises\n"
        f"mark = pathlib.Path({str(tmp_path)!r}) / str(os.getpid())\n"
        "try:\n"
        "    with sigterm_raises(): mark.write_text('begun'); time.sleep(60)\n"
        "except KeyboardInterrupt:\n"
        "    time.sleep(0.2); mark.write_text('ended')\n"
    )
    launcher = f"from codesign.sweep.launch import local; import sys; local([sys.executable, '-c', {worker!r}], 2)"
    command = ["sh", "-c", f'{before}exec "$@"', "sh", sys.executable, "-c", launcher]
    # What runs these tests in the background may have ignored ctrl-C itself, and processes inherit that.
    default = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, preexec_fn=default)
    while len([file for file in tmp_path.iterdir() if file.read_text() == "begun"]) < 2:
        time.sleep(0.05)
    process.send_signal(number)
    assert process.wait(30) != 0
    assert [file.read_text() for file in tmp_path.iterdir()] == ["ended", "ended"]


def test_jobs_of_a_cluster_run_the_command(tmp_path: Path) -> None:
    command = [sys.executable, "-c", f"import os; open(f'{tmp_path}/ran' + str(os.getpid()), 'w')"]
    jobs = slurm(command, 2, {"timeout_min": 1}, tmp_path / "logs", cluster="local")
    until = time.monotonic() + 60
    while len(list(tmp_path.glob("ran*"))) < 2 and time.monotonic() < until:
        time.sleep(0.05)
    assert len(list(tmp_path.glob("ran*"))) == len(set(jobs)) == 2


def test_what_a_cluster_cannot_do_is_said(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="options of the cluster"):
        slurm(["true"], 1, {"partitoin": "a"}, tmp_path, cluster="local")
    with pytest.raises(MissingTool, match="no SLURM"):
        slurm(["true"], 1, {}, tmp_path)
    for launch in (lambda: local(["true"], 0), lambda: slurm(["true"], 0, {}, tmp_path)):
        with pytest.raises(UserError, match="number of workers is 0"):
            launch()
