"""To a board over ssh: copy the package, install the driver, let the board test itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path, PurePosixPath

from codesign_board.errors import PackageError
from codesign_board.package import MANIFEST, Package
from codesign_board.places import BUILT_IN, USUAL, names

from codesign.build.steps.package import DEPLOY
from codesign.deploy.remote.connection import Ask, Target, connected
from codesign.deploy.remote.copy import Progress, copy
from codesign.deploy.remote.python import install, interpreter, selftest
from codesign.errors import UserError

__all__ = ["Target", "deploy", "package_at"]

NEEDED = {"pynq": ("bitfile", "handoff")}
"""Files that a place cannot do without."""


def package_at(path: Path) -> Package:
    """Return the package of a build's folder, or the folder or zip that ``path`` is.

    Raises:
        UserError: there is none, or it is damaged.
    """
    inside = path / DEPLOY
    try:
        return Package.load(inside if (inside / MANIFEST).is_file() else path)
    except PackageError as error:
        raise UserError(str(error)) from error


async def deploy(
    package: Package,
    target: Target,
    *,
    directory: str | None = None,
    place: str | None = None,
    ask: Ask | None = None,
    say: Callable[[str], None] = print,
    progress: Progress = lambda name, done, total: None,
) -> None:
    """Bring ``package`` to the board and let it test itself there.

    Args:
        directory: on the board, from the home folder; ``codesign/MODEL`` where None.
        place: as the driver names it; the package's own where None.
        ask: gives the password when the board wants one and no key did; None: there is nobody to ask.
        say: told in a line what was done, and the lines of the self-test.
        progress: told how much of the files has been copied.

    Raises:
        UserError: the package lacks a file, the place is none for it, the board cannot be reached, or does not let
            us in.
        MissingTool: the board has no Python that can run the driver, or no pynq.
        VerificationFailed: the self-test found differences.
        CodesignError: anything else went wrong, such as no space.
    """
    place = _place(package, place)
    try:
        for role in NEEDED.get(place, ()):
            package.file(role)
    except PackageError as error:
        raise UserError(str(error)) from error
    folder = folder_of(directory or f"~/codesign/{package.model}")
    async with connected(target, ask) as board:
        found = await interpreter(board, place)
        say(f"Python {found.version} with {found.described} on {target}: {found.path}")
        copied = await copy(board, package.directory, folder, progress)
        say(copied.described)
        say(await install(board, found, copied.folder, package.file("wheel")))
        await selftest(board, found, copied.folder, place, say)


def _place(package: Package, asked: str | None) -> str:
    """Return the place that the driver is to run in.

    Raises:
        UserError: there is none of that name, or it is on another kind of link than the package.
    """
    usual = USUAL[package.io]
    allowed = [usual, *(name for name in names() if name not in BUILT_IN)]
    if asked is None or asked in allowed:
        return asked or usual
    raise UserError(
        f"--place {asked!r} is no place for a package with {package.io}: give one of {', '.join(allowed)}, or leave it "
        f"out for {usual}."
    )


def folder_of(directory: str) -> str:
    """Return a folder of a board as its commands take it: absolute, or from the home folder.

    Raises:
        UserError: it is the home folder itself, the root, or has ``..`` in it.
    """
    path = PurePosixPath(directory.removeprefix("~/"))
    if path.name in ("", "~") or ".." in path.parts:
        raise UserError(f"--directory {directory!r} must be a folder for this package alone, such as ~/codesign/NAME.")
    return str(path)
