"""The package's files to the board: only those that differ, and the folder there is whole at any moment."""

from __future__ import annotations

import hashlib
import re
import shlex
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath

import asyncssh
from codesign_board.package import SUMS

from codesign.deploy.remote.connection import Connection
from codesign.errors import CodesignError, UserError

Progress = Callable[[str, int, int], None]
"""Told the file under way, and how many bytes of how many are copied."""
SPARE_KIB = 1024
"""Left free on the board beside the files."""
MARK = "---8<---"
NOTEBOOK = ".ipynb"


@dataclass(frozen=True)
class Copied:
    """What was done.

    Attributes:
        folder: of the package on the board, absolute.
        names: files that were copied.
        total: files of the package.
        bytes: that were copied.
        kept: notebooks that were another on the board, under the names that they have now.
    """

    folder: str
    names: tuple[str, ...]
    total: int
    bytes: int
    kept: tuple[str, ...] = ()

    @property
    def described(self) -> str:
        """In a line."""
        if not self.names:
            return f"Nothing to copy: all {self.total} files are in {self.folder}"
        kept = f"; kept what was there as {', '.join(self.kept)}" if self.kept else ""
        return f"Copied {len(self.names)} of {self.total} files ({self.bytes:,} bytes) to {self.folder}{kept}"


@dataclass(frozen=True)
class There:
    """What is on the board: the folder's path, free KiB, the files' hashes, and those that its package listed."""

    folder: str
    free_kib: int
    hashes: dict[str, str]
    listed: frozenset[str]


async def copy(board: Connection, package: Path, folder: str, progress: Progress) -> Copied:
    """Make ``folder`` on the board hold the package; other files in it stay, a notebook that differs under a new name.

    Everything is put together in a hidden folder beside it, checked there, and renamed.

    Args:
        folder: absolute, or from the home folder.

    Raises:
        UserError: the folder is there and holds no package.
        CodesignError: there is no space, or it cannot be written.
    """
    every = {p.relative_to(package).as_posix(): p for p in sorted(package.rglob("*")) if p.is_file()}
    files = {name: path for name, path in every.items() if not re.search(r"(^|/)\.", name)}  # not what editors leave
    there = await _look(board, folder)
    here = {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items()}
    if there.hashes and not there.listed:
        raise UserError(
            f"{there.folder} on {board.target} holds other things than a package: choose another --directory, which "
            f"will be made."
        )
    changed = [name for name in files if there.hashes.get(name) != here[name]]
    stale = sorted((there.listed & there.hashes.keys()) - files.keys())
    size = sum(files[name].stat().st_size for name in changed)
    if not changed and not stale:
        return Copied(there.folder, (), len(files), 0)
    needed = size // 1024 + SPARE_KIB
    if needed > there.free_kib:
        raise CodesignError(
            f"{board.target} has {there.free_kib:,} KiB free for {there.folder} and the package needs {needed:,}: "
            f"free some space there, or choose another --directory."
        )
    fresh = _beside(folder, "new")
    kept = {name: _other_name(name, there.hashes) for name in changed if name.endswith(NOTEBOOK)}
    kept = {name: other for name, other in kept.items() if name in there.hashes}
    await _must(board, _prepare(folder, fresh, changed, stale, kept), there.folder)
    await _put(board, {name: files[name] for name in changed}, fresh, size, progress)
    await _must(board, f"cd {shlex.quote(fresh)} && sha256sum --check --quiet {SUMS}", there.folder)
    old = _beside(folder, "old")
    await _must(
        board,
        f"if [ -e {shlex.quote(folder)} ]; then mv {shlex.quote(folder)} {shlex.quote(old)}; fi && "
        f"mv {shlex.quote(fresh)} {shlex.quote(folder)} && {_cleared(old)}",
        there.folder,
    )
    return Copied(there.folder, tuple(changed), len(files), size, tuple(kept.values()))


async def _look(board: Connection, folder: str) -> There:
    """Look at what is there, after clearing away what a copy that was killed has left."""
    here, old, fresh = (shlex.quote(name) for name in (folder, _beside(folder, "old"), _beside(folder, "new")))
    above = shlex.quote(str(PurePosixPath(folder).parent))
    script = f"""
        mkdir -p {above} || exit
        [ -e {here} ] || [ ! -e {old} ] || mv {old} {here}
        rm -rf {fresh}; {_cleared(_beside(folder, "old"))}
        (cd {above} && pwd -P) || exit
        df -Pk {above} | tail -n 1
        echo '{MARK}'; cat {here}/{SUMS} 2>/dev/null
        echo '{MARK}'; [ ! -d {here} ] || (cd {here} && find . -type f -exec sha256sum {{}} +)
    """
    found = await _must(board, script, folder)
    head, sums, files = found.split(f"{MARK}\n")
    parent, space = head.splitlines()[:2]
    return There(
        str(PurePosixPath(parent) / PurePosixPath(folder).name),
        _free_kib(space),
        {name.removeprefix("./"): digest for digest, name in _sums(files)},
        frozenset(name for _, name in _sums(sums)),
    )


def _cleared(old: str) -> str:
    """The command that removes it; Jupyter is root on PYNQ, and what it made only root can remove: else it stays."""
    name = shlex.quote(old)
    return f"{{ rm -rf {name} || sudo -n rm -rf {name} || mv {name} {name}.$$; }} 2>/dev/null"


def _free_kib(line: str) -> int:
    """What stands before the per cent in a line of ``df -Pk``; a device's name may have spaces."""
    found = re.search(r"(\d+)\s+\d+%", line)
    return int(found.group(1)) if found else 1 << 40  # a file system that does not tell


def _sums(text: str) -> Iterable[tuple[str, str]]:
    for line in text.splitlines():
        digest, _, name = line.partition("  ")
        if name:
            yield digest, name


def _beside(folder: str, ending: str) -> str:
    """A hidden folder beside it: renaming within a file system takes no time."""
    path = PurePosixPath(folder)
    return str(path.parent / f".{path.name}.{ending}")


def _other_name(name: str, taken: Iterable[str]) -> str:
    """A name for a notebook that somebody worked on."""
    stem = name.removesuffix(NOTEBOOK)
    number = 1
    while f"{stem}-{number}{NOTEBOOK}" in taken:
        number += 1
    return f"{stem}-{number}{NOTEBOOK}"


def _prepare(folder: str, fresh: str, changed: list[str], stale: list[str], kept: dict[str, str]) -> str:
    """The script that makes the hidden folder: what stays is linked, or copied where the file system has no links."""
    source, target = shlex.quote(folder), shlex.quote(fresh)
    moved = [f"mv {shlex.quote(a)} {shlex.quote(b)}" for a, b in kept.items()]
    folders = {str(PurePosixPath(name).parent) for name in changed}
    return "\n".join(
        [
            "set -e",
            f"mkdir {target}",
            f"[ ! -d {source} ] || cp -al {source}/. {target} 2>/dev/null || "
            f"{{ rm -rf {target}; mkdir {target}; cp -a {source}/. {target}; }}",
            f"cd {target}",
            *moved,
            f"rm -f -- {shlex.join([*changed, *stale])}",
            f"mkdir -p -- {shlex.join(sorted(folders))}",
        ]
    )


async def _put(board: Connection, files: dict[str, Path], fresh: str, size: int, progress: Progress) -> None:
    before = 0
    async with board.ssh.start_sftp_client() as sftp:
        for name, path in files.items():
            tell = partial(_tell, progress, name, before, size)
            try:
                await sftp.put(str(path), f"{fresh}/{name}", progress_handler=tell)
            except (asyncssh.SFTPError, OSError) as error:
                raise CodesignError(
                    f"{name} could not be copied to {board.target} ({getattr(error, 'reason', '') or error}); what was "
                    f"there before is as it was: free some space there and run it again."
                ) from error
            before += path.stat().st_size


def _tell(
    progress: Progress, name: str, before: int, size: int, _source: bytes, _target: bytes, done: int, _: int
) -> None:
    progress(name, before + done, size)


async def _must(board: Connection, script: str, folder: str) -> str:
    result = await board.run(script)
    if result.status:
        raise CodesignError(
            f"{folder} on {board.target} could not be written ({_last(result.errors or result.output)}); what was "
            f"there before is as it was: choose another --directory, or free some space."
        )
    return result.output


def _last(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else "no reason given"
