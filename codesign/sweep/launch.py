"""Starts the workers of a study: processes on this machine, or jobs of a SLURM cluster."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from codesign.errors import MissingTool, ToolFailed, UserError
from codesign.sweep.ending import sigterm_raises


def local(command: Sequence[str], count: int) -> list[int]:
    """Run ``command`` ``count`` times at once and wait for all; none is started again.

    Ctrl-C and SIGTERM end all: each gives back what it has at hand.

    Args:
        command: of one worker.
        count: how many.

    Returns:
        The exit status of each.

    Raises:
        KeyboardInterrupt: ctrl-C, once all have ended.
        Terminated: SIGTERM, likewise.
    """
    if count < 1:
        raise UserError(f"The number of workers is {count}; it must be 1 at least.")
    # Workers share the cores: each computes with its part of them.
    threads = str(max(1, (os.cpu_count() or 1) // count))
    environment = {"OMP_NUM_THREADS": threads, **os.environ}
    workers: list[subprocess.Popen[bytes]] = []
    with sigterm_raises():
        try:
            for _ in range(count):
                # A session of their own: ctrl-C comes to the workers from here alone, and once.
                workers.append(subprocess.Popen(list(command), env=environment, start_new_session=True))
            return [worker.wait() for worker in workers]
        except BaseException:
            for worker in workers:
                if worker.poll() is None:
                    worker.terminate()  # not SIGINT, which what a script starts in the background ignores
            for worker in workers:
                worker.wait()
            raise


def slurm(
    command: Sequence[str], count: int, options: Mapping[str, object], logs: Path, cluster: str = "slurm"
) -> list[str]:
    """Start ``command`` as ``count`` jobs of a cluster and return; the storage must be one that all machines reach.

    Args:
        command: of one worker.
        count: how many jobs.
        options: of ``sbatch`` by submitit's names: ``slurm_partition``, ``timeout_min``, ``cpus_per_task``, ``mem_gb``.
        logs: folder for the jobs' output.
        cluster: ``slurm``, or submitit's ``local`` for a trial without one.

    Returns:
        The jobs' numbers.

    Raises:
        UserError: an option that submitit does not know.
        MissingTool: there is no submitit, or no SLURM here.
        ToolFailed: the cluster refuses the jobs.
    """
    try:
        import submitit
    except ImportError as error:
        raise MissingTool("Workers on a cluster need submitit: pip install 'codesign[sweep]'.") from error
    if count < 1:
        raise UserError(f"The number of workers is {count}; it must be 1 at least.")
    try:
        executor = submitit.AutoExecutor(folder=logs, cluster=cluster)
    except RuntimeError as error:
        raise MissingTool(f"There is no SLURM on this machine ({error}): start the sweep where sbatch is.") from error
    try:
        executor.update_parameters(**options)
    except (NameError, ValueError, TypeError) as error:
        raise UserError(f"The options of the cluster are wrong: {str(error).splitlines()[0]}") from error
    function = submitit.helpers.CommandFunction(list(command), verbose=False)
    try:
        return [executor.submit(function).job_id for _ in range(count)]
    except submitit.core.utils.FailedJobError as error:
        raise ToolFailed(f"sbatch refused the workers: {str(error).splitlines()[0]}; see {logs}.") from error
