"""The board's Python: which one has pynq, the driver's wheel into it, and the self-test with it."""

from __future__ import annotations

import hashlib
import json
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from codesign.deploy.remote.connection import Connection, Finished
from codesign.errors import CodesignError, MissingTool, ToolFailed, UserError, VerificationFailed

PYTHONS = ("/usr/local/share/pynq-venv/bin/python3", "python3")
"""The first that is there is taken: PYNQ 3 and 4 have an environment of their own."""
OLDEST = (3, 10)
PROBE = """
import json, os, sys, sysconfig
found = {"version": list(sys.version_info[:3]), "modules": [], "wheel": ""}
try:
    from importlib.metadata import distribution
    from importlib.util import find_spec
    found["modules"] = [name for name in ("numpy", "pynq", "pip") if find_spec(name)]
    found["wheel"] = distribution("codesign-board").read_text("direct_url.json") or ""
except ImportError:
    pass
purelib = sysconfig.get_paths()["purelib"]
found["own"] = sys.prefix != getattr(sys, "base_prefix", sys.prefix)
found["writable"] = os.access(purelib, os.W_OK)
found["managed"] = os.path.exists(os.path.join(sysconfig.get_paths()["stdlib"], "EXTERNALLY-MANAGED"))
print(json.dumps(found))
"""
"""What a Python tells of itself, in words that Python 3.4 knows too; pip notes a wheel's hash in direct_url.json."""
HINTS = {
    "numpy": "install it there (sudo apt install python3-numpy)",
    "pip": "install it there (sudo apt install python3-pip)",
    "pynq": f"this is no PYNQ image, or its environment is not in {Path(PYTHONS[0]).parents[1]}",
}
STATUS: dict[int, type[CodesignError]] = {2: UserError, 3: MissingTool, 4: VerificationFailed}
"""What the driver's command line means by its exit status."""


@dataclass(frozen=True)
class Python:
    """An interpreter on the board.

    Attributes:
        path: absolute.
        version: as in 3.10.12.
        modules: of numpy, pynq and pip those that it has.
        wheel: SHA-256 of the driver's wheel that is installed, empty where none is.
        pip: options that let pip install into it.
        as_root_pip: what makes pip root, for PYNQ's environment is root's; empty where it need not be.
        as_root: what makes the driver root, for pynq maps the memory; empty where it need not be.
        text: what ``sudo`` reads from standard input, where it wants the password.
    """

    path: str
    version: str
    modules: tuple[str, ...]
    wheel: str
    pip: tuple[str, ...] = ()
    as_root_pip: str = ""
    as_root: str = ""
    text: str = ""

    @property
    def described(self) -> str:
        """The modules, for people."""
        return " and ".join(name for name in self.modules if name != "pip")


async def interpreter(board: Connection, place: str) -> Python:
    """Return the board's Python, after it was seen that it can run the driver in that place.

    Raises:
        MissingTool: there is none, it is too old, or lacks numpy, pip or pynq.
        UserError: pynq needs root, and ``sudo`` does not let us be it.
    """
    names = " ".join(PYTHONS)
    search = f'for name in {names}; do path=$(command -v $name) && echo "$path" && exec "$path" -; done; exit 127'
    result = await board.run(search, login=True, text=PROBE)
    if result.status == 127:
        raise MissingTool(f"{board.target} has no python3: install Python 3.10 or newer there, or write a PYNQ image.")
    path, found = _read(board, result)
    version = ".".join(map(str, found["version"]))
    if tuple(found["version"]) < OLDEST:
        raise MissingTool(
            f"{board.target} has Python {version} ({path}), and the driver needs 3.10: write an image of PYNQ 3.0 or "
            f"newer."
        )
    for name in ("numpy", "pip", *(["pynq"] if place == "pynq" else [])):
        if name not in found["modules"]:
            raise MissingTool(f"{path} on {board.target} has no {name}: {HINTS[name]}.")
    root, text = await _root(board) if place == "pynq" else ("", "")
    into_home = not (found["own"] or found["writable"] or place == "pynq")
    options = [(into_home, "--user"), (found["managed"] and not found["own"], "--break-system-packages")]
    return Python(
        path,
        version,
        tuple(found["modules"]),
        _hash(found["wheel"]),
        pip=tuple(option for wanted, option in options if wanted),
        as_root_pip="" if found["writable"] else root,
        as_root=root,
        text=text,
    )


async def install(board: Connection, python: Python, folder: str, wheel: Path) -> str:
    """Install the driver's wheel, which lies in ``folder`` on the board, unless it is there; return what was done.

    Nothing else is installed, and numpy and pynq stay as they are.

    Raises:
        ToolFailed: pip failed.
    """
    if python.wheel == hashlib.sha256(wheel.read_bytes()).hexdigest():
        return f"The driver is there: {wheel.name}"
    options = ["--no-deps", "--no-index", "--force-reinstall", "--quiet", "--disable-pip-version-check", *python.pip]
    command = [python.path, "-m", "pip", "install", *options, f"{folder}/{wheel.name}"]
    result = await board.run(f"{python.as_root_pip} {shlex.join(command)}", login=True, text=python.text)
    if result.status:
        last = (result.errors or result.output).strip().splitlines()[-1:] or ["no reason given"]
        raise ToolFailed(
            f"pip could not install {wheel.name} for {python.path} on {board.target} ({last[0]}): try it there by "
            f"hand, {shlex.join(command)}."
        )
    return f"Installed the driver: {wheel.name}"


async def selftest(board: Connection, python: Python, folder: str, place: str, say: Callable[[str], None]) -> None:
    """Run the driver's self-test on the board, and tell what it prints as it comes.

    Raises:
        VerificationFailed, UserError, MissingTool: as its exit status says.
        ToolFailed: it ended with another.
    """
    command = shlex.join([python.path, "-m", "codesign_board", "selftest", folder, "--place", place])
    lines: list[str] = []

    def tell(line: str) -> None:
        lines.append(line)
        say(line)

    status = await board.stream(f"cd / && {python.as_root} {command}", tell, text=python.text)
    if status:
        last = next((line for line in reversed(lines) if line.strip()), f"exit status {status}")
        error = STATUS.get(status, ToolFailed)
        raise error(f"The self-test on {board.target} failed: {last.removeprefix('Error: ')}")


async def _root(board: Connection) -> tuple[str, str]:
    """How to become root, with the environment, and what to feed to it; nothing where we are root.

    Raises:
        UserError: ``sudo`` wants a password that we have not, or is not there.
    """
    if (await board.run("id -u")).output.strip() == "0":
        return "", ""
    if not (await board.run("sudo -n true", login=True)).status:
        return "sudo -n -E", ""
    text = f"{board.password}\n"
    if board.password and not (await board.run("sudo -S -p '' true", login=True, text=text)).status:
        return "sudo -S -E -p ''", text
    raise UserError(
        f"pynq needs root, and sudo on {board.target} wants a password: log in with the password in place of a key, "
        f"as root, or let sudo go without one."
    )


def _read(board: Connection, result: Finished) -> tuple[str, dict[str, Any]]:
    """The path and the probe's answer, in the last two lines: a login shell may have its say before."""
    try:
        path, answer = result.output.strip().splitlines()[-2:]
        found: dict[str, Any] = json.loads(answer)
    except ValueError as error:
        said = (result.errors or result.output).strip()[-200:]
        raise MissingTool(f"python3 on {board.target} does not run ({said}): repair it there.") from error
    return path, found


def _hash(direct_url: str) -> str:
    try:
        return str(json.loads(direct_url)["archive_info"]["hash"]).removeprefix("sha256=")
    except (ValueError, KeyError):
        return ""
