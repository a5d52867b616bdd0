"""What a point goes through, the cheap before the dear: one file a stage, and its place in one of these lists."""

from __future__ import annotations

from codesign.sweep.stages.estimate import Estimate
from codesign.sweep.stages.model import Finish
from codesign.sweep.stages.simulate import Simulate
from codesign.sweep.stages.stage import Stage
from codesign.sweep.stages.synthesize import Synthesize
from codesign.sweep.stages.train import Train

JUDGING: tuple[Stage, ...] = (Estimate(), Train(), Finish())
"""Of every point, as far as it goes."""
VERIFYING: tuple[Stage, ...] = (Simulate(), Synthesize())
"""Of the front."""
