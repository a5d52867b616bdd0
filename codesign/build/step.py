"""Steps: each reads files of the output folder and makes others; what is up to date is not made again."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass

from codesign.build.config import BuildConfig
from codesign.digests import digest, sources_digest
from codesign.files import write_json

STATE = ".steps.json"
NOTE = logging.INFO + 5
"""Level of what is logged to stay on the terminal; below it are signs of progress."""


@dataclass(frozen=True)
class Step:
    """One step of the build.

    Attributes:
        name: as in ``--start-step``.
        title: what it does, for the progress line.
        run: does it; writes its files whole or not at all.
        needs: files and folders that it reads, relative to the output folder.
        makes: files and folders that it writes.
        settings: fields of the BuildConfig that it depends on.
        deferrable: a tool missing here ends the build only after the steps behind it.
    """

    name: str
    title: str
    run: Callable[[BuildConfig], None]
    needs: tuple[str, ...]
    makes: tuple[str, ...]
    settings: tuple[str, ...] = ()
    deferrable: bool = False

    def key(self, config: BuildConfig) -> str:
        """Digest of all that decides what the step makes: its settings, what it reads, and our code."""
        parts = [self.name, code_digest(), json.dumps({s: config.setting(s) for s in self.settings}, default=str)]
        parts += [f"{name}:{digest(config.output_dir / name)}" for name in self.needs]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    def up_to_date(self, config: BuildConfig) -> bool:
        """Whether it has run on exactly this, and what it made is as it was."""
        record = _state(config).get(self.name)
        return record is not None and record == self._record(config)

    def done(self, config: BuildConfig) -> None:
        """Note that it has run."""
        write_json(config.output_dir / STATE, {**_state(config), self.name: self._record(config)})

    def missing(self, config: BuildConfig) -> list[str]:
        """Names of ``needs`` that are not there."""
        return [name for name in self.needs if not (config.output_dir / name).exists()]

    def _record(self, config: BuildConfig) -> dict[str, str]:
        made = "\n".join(digest(config.output_dir / name) for name in self.makes)
        return {"key": self.key(config), "made": hashlib.sha256(made.encode()).hexdigest()}


def code_digest() -> str:
    """SHA-256 of our own sources: a build made by other code is not up to date."""
    return sources_digest("codesign", "hw", "boards", "quant", "sw")


def _state(config: BuildConfig) -> dict[str, dict[str, str]]:
    path = config.output_dir / STATE
    try:
        return json.loads(path.read_text())
    except (OSError, json.JSONDecodeError):
        return {}  # nothing was done, as far as we know: everything is made again
