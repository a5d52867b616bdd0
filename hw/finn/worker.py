"""FINN's side of its process: ``python -m hw.finn.worker`` reads a job a line and answers with a line."""

from __future__ import annotations

import json
import os
import sys
import traceback

from hw.finn import environment
from hw.finn.conversion import conversion
from hw.finn.execution import execution

TASKS = {"conversion": conversion, "execution": execution}
"""What a job's ``task`` names: from the job to the answer, both JSON."""


def main() -> None:
    """Answer jobs until the input ends."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever FINN prints goes to the log
    environment.bootstrap()
    for line in sys.stdin:
        job = json.loads(line)
        try:
            answer = TASKS[job["task"]](job)
        except Exception as error:  # the other side names it to the user; the log has the rest
            traceback.print_exc()
            first = str(error).strip().splitlines()
            answer = {"error": f"{type(error).__name__}: {first[0] if first else ''}"}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
