"""FINN's process: it lives on between jobs (its import takes seconds) and is killed where it exceeds its time."""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

from codesign.errors import ToolFailed


class Worker:
    """FINN's process: one JSON line a job, one a result."""

    _shared: Worker | None = None

    def __init__(self) -> None:
        handle, name = tempfile.mkstemp(prefix="finn_", suffix=".log")
        self.log, self.keep_log = Path(name), False
        path = os.pathsep.join(entry for entry in sys.path if entry)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "hw.finn.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=handle,
            text=True,
            env={**os.environ, "PYTHONPATH": path},
        )
        os.close(handle)
        atexit.register(self.close)

    @classmethod
    def shared(cls) -> Worker:
        """The process that lives, or a new one."""
        if cls._shared is None or cls._shared.process.poll() is not None:
            cls._shared = cls()
        return cls._shared

    def ask(self, job: dict[str, Any], limit_s: float, name: str) -> dict[str, Any]:
        """Return the answer to ``job``; after ``limit_s`` kill the process and raise ToolFailed."""
        assert self.process.stdin is not None and self.process.stdout is not None
        late = threading.Event()

        def kill() -> None:
            late.set()
            self.process.kill()

        timer = threading.Timer(limit_s, kill)
        timer.start()
        try:
            self.process.stdin.write(json.dumps(job) + "\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = ""
        finally:
            timer.cancel()
        if late.is_set():
            self.close()
            raise ToolFailed(
                f"FINN's {job['task']} of {name} did not end within {limit_s:g} s and was stopped: "
                "give it more time, fewer frames or a smaller model."
            )
        answer: dict[str, Any] = json.loads(line) if line else {"error": f"its process ended: {self.process.wait()}"}
        if "error" in answer:
            self.keep_log = True
            raise ToolFailed(f"FINN's {job['task']} of {name} failed ({answer['error']}): see {self.log}.")
        return answer

    def close(self) -> None:
        """End the process; its log goes too unless a failure named it."""
        atexit.unregister(self.close)
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        if not self.keep_log:
            self.log.unlink(missing_ok=True)
