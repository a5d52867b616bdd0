"""What yosys makes of the configurations, kept in docs/estimates.json."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from codesign.files import write_text
from hw.kernels.kernel import Resources
from hw.synth import kernels, yosys
from tests.estimates.errors import Pair
from tests.estimates.grid import Configuration

FILE = Path(__file__).parents[2] / "docs" / "estimates.json"
PART = 24
"""Configurations after which the file is written."""


@dataclass
class Measurements:
    """Figures of yosys.

    Attributes:
        version: of yosys.
        kernels: by the configuration's key: what it is, and its resources.
        designs: by name: a record of each whole design (``tests.estimates.designs``).
    """

    version: str = ""
    kernels: dict[str, dict[str, object]] = field(default_factory=dict)
    designs: dict[str, dict[str, object]] = field(default_factory=dict)

    @classmethod
    def load(cls, path: Path = FILE) -> Measurements:
        """Read what ``save`` wrote; nothing where there is no file."""
        return cls(**json.loads(path.read_text())) if path.is_file() else cls()

    def save(self, path: Path = FILE) -> None:
        """Write a line an entry, in an order that does not depend on that of the measurements."""

        def lines(entries: Mapping[str, dict[str, object]]) -> str:
            order = sorted(entries, key=lambda k: (str(entries[k].get("kernel", k)), str(entries[k].get("family")),
                                                   entries[k].get("index", 0), k))  # fmt: skip
            return ",\n".join(f"{json.dumps(key)}: {json.dumps(entries[key])}" for key in order)

        text = f'{{"version": {json.dumps(self.version)},\n"kernels": {{\n{lines(self.kernels)}\n}},\n'
        write_text(path, text + f'"designs": {{\n{lines(self.designs)}\n}}}}\n')

    def of(self, configuration: Configuration) -> Resources | None:
        """Return the figures of a configuration, None where there are none or they are of other RTL."""
        entry = self.kernels.get(configuration.key)
        return None if entry is None else Resources(**entry["yosys"])  # type: ignore[arg-type]

    def pairs(self) -> list[tuple[str, str, Pair]]:
        """Return name, family and figures of the designs, the estimates being those of the day of the measurement."""
        return [
            (name, str(entry["family"]), Pair(Resources(**entry["estimate"]), Resources(**entry["yosys"])))  # type: ignore[arg-type]
            for name, entry in self.designs.items()
        ]

    def add(self, configuration: Configuration, found: Resources) -> None:
        """Enter the figures of a configuration."""
        self.kernels[configuration.key] = {
            "kernel": configuration.kind,
            "family": configuration.family,
            "index": configuration.index,
            "configuration": configuration.label,
            "yosys": asdict(found),
        }


def measure(
    wanted: Sequence[Configuration], known: Measurements, said: Callable[[str], None], path: Path = FILE
) -> None:
    """Synthesize what is not known yet; ``known`` is saved after every part, so that a killed run is resumed."""
    missing = [c for c in wanted if known.of(c) is None]
    said(f"{len(wanted) - len(missing)} of {len(wanted)} configurations are known")
    known.version = yosys.TOOL.require().version
    done = 0
    for family in dict.fromkeys(c.family for c in missing):
        group = [c for c in missing if c.family == family]
        for part in (group[start : start + PART] for start in range(0, len(group), PART)):
            made = kernels.synthesize([c.kernel for c in part], family)
            for configuration, mapped in zip(part, made, strict=True):
                known.add(configuration, mapped.resources)
            known.save(path)
            done += len(part)
            said(f"{done} of {len(missing)} synthesized ({part[-1].kind}, {family})")


def prune(known: Measurements, wanted: Iterable[Configuration]) -> None:
    """Drop the figures of RTL and configurations that are no more."""
    keys = {c.key for c in wanted}
    known.kernels = {key: entry for key, entry in known.kernels.items() if key in keys}
