"""Where the things of a study lie, and the commands that go on with it."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from codesign.sweep.export import write_csv, write_jsonl
from codesign.sweep.point import Row
from codesign.sweep.read import find, read
from codesign.sweep.requirements import require
from codesign.sweep.study import Study

if TYPE_CHECKING:
    from codesign.sweep.store import Store

PASSWORD = re.compile(r"(?<=://)(?P<user>[^:/@]*):[^@]*(?=@)|(?<=[?&])password=[^&]*&?")
EXPORTS = {"points.csv": write_csv, "points.jsonl": write_jsonl}


def without_password(storage: str) -> str:
    """Return a storage's file or URL without the password that it may hold."""
    return PASSWORD.sub(lambda found: found["user"] or "", storage).rstrip("?&")


@dataclass(frozen=True)
class Place:
    """A study as the command line names it.

    Attributes:
        given: its file, or the name of one that comes with the project.
        data: folder of the data set in place of the study's.
        storage: a file or a URL; None: ``study.db`` in the folder.
        output_dir: where everything goes; None: ``build/sweep/NAME``.
    """

    given: str
    data: Path | None = None
    storage: str | None = None
    output_dir: Path | None = None

    @cached_property
    def study(self) -> Study:
        """The study itself."""
        return read(find(self.given), self.data)

    @property
    def folder(self) -> Path:
        """Where everything goes."""
        return self.output_dir or Path("build/sweep") / self.study.name

    @property
    def storage_name(self) -> str:
        """The storage's file or URL."""
        return self.storage or str(self.folder / "study.db")

    def store(self, create: bool = False) -> Store:
        """Open the storage; refuses a study that it has not, unless ``create``."""
        require("optuna")
        from codesign.sweep.store import open_store

        if create:
            self.folder.mkdir(parents=True, exist_ok=True)
        return open_store(self.storage_name, self.study, create=create)

    def arguments(self, command: str, *more: str) -> list[str]:
        """Return the words of ``codesign sweep COMMAND`` for this study, from the same folder, to show and to keep.

        A password in the storage's URL is left out: PGPASSWORD or ~/.pgpass has it where it is asked for.
        """
        words = ["codesign", "sweep", command, self.given]
        words += ["--data", str(self.data)] if self.data else []
        words += ["--storage", without_password(self.storage_name)] if self.storage or self.output_dir else []
        return [*words, *more]

    def rebuild(self, row: Row) -> str:
        """Return the command that builds the design of ``row`` again."""
        return shlex.join(self.arguments("pick", "--point", str(row.slot)))

    def export(self, rows: list[Row]) -> list[Path]:
        """Write all points as CSV and as JSON lines; returns the files."""
        for name, write in EXPORTS.items():
            write(self.folder / name, self.study, rows, self.rebuild)
        return [self.folder / name for name in EXPORTS]

    def page(self, rows: list[Row], path: Path | None = None) -> Path:
        """Write the page; returns its file."""
        require("plotly")
        from codesign.sweep import page

        path = path or self.folder / "page.html"
        page.write(path, self.study, rows, self.rebuild)
        return path

    def picture(self, rows: list[Row]) -> Path:
        """Write the front as a picture; returns its file."""
        require("matplotlib")
        from codesign.sweep import picture

        path = self.folder / "front.png"
        picture.write(path, self.study, rows)
        return path
