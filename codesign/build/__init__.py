"""The build: a model to a verified design and a bitstream, step by step."""

from codesign.build.config import BuildConfig
from codesign.build.runner import run_steps
from codesign.build.steps import BACKENDS, STEPS

__all__ = ["BACKENDS", "STEPS", "BuildConfig", "run_steps"]
