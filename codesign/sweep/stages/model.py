"""The final network, ingested exactly; its hardware by the models, with FIFOs, so that all cycles are exact."""

from __future__ import annotations

from codesign.sweep.context import Context
from codesign.sweep.finished import check_integers, finished
from codesign.sweep.stages.estimate import described
from codesign.sweep.stages.stage import MEASURED, MODEL, Outcome


class Finish:
    """Decides the constraints."""

    name = "model"

    def run(self, context: Context) -> Outcome:
        """Return the final figures by the models, and the score on the test samples.

        Raises:
            VerificationFailed: the integers are not the network's.
        """
        made = finished(context)
        compared = check_integers(context, made)
        figures, sources = {k: float(v) for k, v in made.figures.items()}, dict.fromkeys(made.figures, MODEL)
        if final := context.final():
            figures[f"test_{context.score}"] = float(final.test)
            sources[f"test_{context.score}"] = MEASURED
        decision = f"{described(figures)}; {compared:,} integers as in the float runs"
        return Outcome(figures, sources, decision, missed=made.missed)
