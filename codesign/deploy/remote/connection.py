"""An ssh connection to a board, whose failures are sentences."""

from __future__ import annotations

import shlex
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import asyncssh

from codesign.errors import CodesignError, UserError

Ask = Callable[[str], str]
"""Asks a person for a password; given what to ask."""
ATTEMPTS = 3
"""How often a password is asked for."""
CONNECTING_S = 15
ALIVE_S = 5
"""A board that has been unplugged is noticed after three times this."""


@dataclass(frozen=True)
class Target:
    """Who to be where.

    Attributes:
        host: name or address, or an alias of ``~/.ssh/config``.
        user: None: the one of ``~/.ssh/config``, or of this machine.
        port: None: that of ``~/.ssh/config``, or 22.
    """

    host: str
    user: str | None = None
    port: int | None = None

    @classmethod
    def of(cls, text: str, port: int | None = None) -> Target:
        """Read ``user@host`` or ``host``.

        Raises:
            UserError: it is neither.
        """
        user, _, host = text.rpartition("@")
        if not host or host.startswith("-") or any(c.isspace() for c in text):
            raise UserError(f"--host {text!r} must be a board's name or address, such as xilinx@192.168.2.99.")
        return cls(host, user or None, port)

    def __str__(self) -> str:
        return f"{self.user}@{self.host}" if self.user else self.host

    @property
    def by_hand(self) -> str:
        """The command that connects by hand."""
        return " ".join(["ssh", *(["-p", str(self.port)] if self.port else []), str(self)])


@dataclass(frozen=True)
class Finished:
    """A command that ended: all that it printed, and its exit status."""

    output: str
    errors: str
    status: int


@dataclass
class Connection:
    """A board that let us in.

    Attributes:
        ssh: asyncssh's connection.
        target: which board.
        password: that let us in, where one did; ``sudo`` may want it too.
    """

    ssh: Any
    target: Target
    password: str | None = field(default=None, repr=False)

    async def run(self, script: str, *, login: bool = False, text: str | None = None) -> Finished:
        """Run a shell script; with ``login`` as a terminal has it: boards say in ``/etc/profile.d`` where pynq is."""
        given = {"input": text} if text else {"stdin": asyncssh.DEVNULL}  # an empty input would never end
        result = await self.ssh.run(_command(script, login), encoding="utf-8", errors="replace", **given)
        return Finished(str(result.stdout), str(result.stderr), _status(result))

    async def stream(self, script: str, say: Callable[[str], None], *, text: str | None = None) -> int:
        """Run a script in a login shell, tell each line as it comes, errors too, and return the exit status."""
        process = await self.ssh.create_process(
            _command(script, login=True), stderr=asyncssh.STDOUT, encoding="utf-8", errors="replace"
        )
        if text:
            process.stdin.write(text)
        process.stdin.write_eof()
        async for line in process.stdout:
            if line:  # the end is an empty one
                say(line.rstrip("\n"))
        return _status(await process.wait())


@asynccontextmanager
async def connected(target: Target, ask: Ask | None = None) -> AsyncIterator[Connection]:
    """Connect with ``~/.ssh/config``, the agent and the keys of this machine, else with a password.

    Raises:
        UserError: the board cannot be reached, is not known, or does not let us in.
        CodesignError: the connection broke.
    """
    passwords = _Passwords(target, ask)
    given = {"username": target.user, "port": target.port}
    try:
        ssh = await asyncssh.connect(
            target.host,
            client_factory=lambda: passwords,
            connect_timeout=CONNECTING_S,
            keepalive_interval=ALIVE_S,
            **{name: value for name, value in given.items() if value is not None},
        )
    except asyncssh.HostKeyNotVerifiable as error:
        raise UserError(
            f"The host key of {target} is not the one in ~/.ssh/known_hosts, or not there: run `{target.by_hand}` "
            f"once, compare what it shows, and try again."
        ) from error
    except asyncssh.PermissionDenied as error:
        hint = "check user and password" if ask else f"run `ssh-copy-id {target}`, or run this in a terminal"
        raise UserError(f"{target} did not let us in ({error.reason}): {hint}.") from error
    except ValueError as error:  # what asyncssh raises of a config or a key that it cannot read
        raise UserError(f"The files in ~/.ssh cannot be used for {target} ({error}): mend them.") from error
    except (OSError, asyncssh.DisconnectError, TimeoutError) as error:
        raise UserError(
            f"{target} cannot be reached ({_reason(error)}): check name, cable and power, and that "
            f"`{target.by_hand}` connects."
        ) from error
    try:
        async with ssh:
            yield Connection(ssh, target, passwords.last)
    except (asyncssh.DisconnectError, asyncssh.ChannelOpenError, BrokenPipeError, ConnectionError) as error:
        raise CodesignError(
            f"The connection to {target} broke ({_reason(error)}): run it again; a package that was there before is "
            f"whole."
        ) from error


class _Passwords(asyncssh.SSHClient):
    """Asks for a password when a board wants one, and remembers the last one."""

    def __init__(self, target: Target, ask: Ask | None) -> None:
        self.target, self.ask, self.asked = target, ask, 0
        self.last: str | None = None

    def password_auth_requested(self) -> str | None:
        if self.ask is None or self.asked == ATTEMPTS:
            return None
        self.asked += 1
        self.last = self.ask(f"Password of {self.target}")
        return self.last


def _command(script: str, login: bool) -> str:
    return f"bash -lc {shlex.quote(script)}" if login else f"sh -c {shlex.quote(script)}"


def _status(result: Any) -> int:
    """A command that was killed has no status of its own; shells say 128 and the signal."""
    return 128 if result.exit_status is None or result.exit_status < 0 else int(result.exit_status)


def _reason(error: BaseException) -> str:
    return getattr(error, "reason", "") or getattr(error, "strerror", None) or str(error) or type(error).__name__
