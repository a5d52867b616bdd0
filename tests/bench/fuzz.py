"""Random networks through the whole path: 500, of which none may differ, hang or break."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from codesign.fuzz import campaign
from codesign.fuzz.trial import Verdict
from tests.bench.figures import Figure

COUNT = 500


def measure() -> Iterator[Figure]:
    """Run the networks of the first COUNT seeds."""
    with Progress(console=Console(stderr=True)) as bar:
        task = bar.add_task("networks", total=COUNT)
        summary = campaign.run(
            range(COUNT), "simulate", Path("build/bench/fuzz"), os.cpu_count() or 1, lambda *_: bar.advance(task)
        )
    refused = summary.verdicts[Verdict.REFUSED]
    yield Figure("networks that passed", summary.verdicts[Verdict.PASSED], "networks", "measured (RTL)")
    yield Figure("networks refused", refused, "networks", "measured", at_most=COUNT // 10)
    yield Figure("networks that failed", summary.failures, "networks", "measured (RTL)", at_most=0)
