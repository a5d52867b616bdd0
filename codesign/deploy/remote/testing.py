"""Boards for tests: a folder that commands take for the whole machine, behind an ssh server that the test starts."""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncssh

TOOLS = (
    "sh", "bash", "env", "cat", "cp", "df", "echo", "find", "id", "ls", "mkdir", "mv", "pwd", "rm", "sha256sum", "tail",
    "true",
)  # fmt: skip
PASSWORD = "xilinx"
SFTP_SERVER = Path("/usr/lib/openssh/sftp-server")
OPENSSH = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin") if SFTP_SERVER.exists() else None
"""OpenSSH's server, where it is installed."""
FAKE_PYTHON = f"""#!{sys.executable} -IS
import hashlib, json, pathlib, sys
folder = pathlib.Path({{folder!r}})
def note(name):
    with (folder / name).open("a") as file:
        print(*sys.argv[1:], file=file)
if sys.argv[1:3] == ["-m", "codesign_board"]:
    note("selftests")
    text, status = {{selftest!r}}
    print(text)
    sys.exit(status)
if sys.argv[1:3] == ["-m", "pip"]:
    note("pips")
    if {{pip}} == 0:
        digest = hashlib.sha256(pathlib.Path(sys.argv[-1]).read_bytes()).hexdigest()
        (folder / "wheel").write_text(json.dumps({{{{"archive_info": {{{{"hash": "sha256=" + digest}}}}}}}}))
    else:
        print("ERROR: no luck", file=sys.stderr)
    sys.exit({{pip}})
compile(sys.stdin.read(), "probe", "exec")
wheel = folder / "wheel"
print(json.dumps({{{{"wheel": wheel.read_text() if wheel.exists() else "", **{{told!r}}}}}}))
"""


@dataclass(frozen=True)
class Sandbox:
    """A board's home folder and all the commands that it has.

    Attributes:
        folder: holds ``home`` and ``bin``.
    """

    folder: Path

    def __post_init__(self) -> None:
        self.home.mkdir(parents=True)
        self.bin.mkdir()
        for name in TOOLS:
            (self.bin / name).symlink_to(str(shutil.which(name)))
        # A login shell sets PATH anew, as it does on a board.
        (self.home / ".profile").write_text(f"export PATH={self.bin} BOARD=ZCU104\necho welcome\n")

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def bin(self) -> Path:
        return self.folder / "bin"

    @property
    def environment(self) -> dict[str, str]:
        """Of every command."""
        return {"HOME": str(self.home), "PATH": str(self.bin), "USER": "xilinx"}

    def command(self, name: str, script: str) -> None:
        """Put a shell script of that name, in place of what is there."""
        path = self.bin / name
        path.unlink(missing_ok=True)
        path.write_text(script if script.startswith("#!") else f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def fake_python(self, selftest: tuple[str, int] = ("all equal", 0), pip: int = 0, **found: Any) -> None:
        """Put a ``python3`` that tells of itself what ``found`` says.

        Args:
            selftest: what the driver's self-test prints, and its exit status.
            pip: exit status of pip, which notes the wheel where it is 0.
            found: what differs from a board's.
        """
        told = {"version": [3, 10, 4], "modules": ["numpy", "pynq", "pip"], "own": True, "writable": True}
        told |= {"managed": False, **found}
        self.command("python3", FAKE_PYTHON.format(folder=str(self.folder), told=told, selftest=selftest, pip=pip))

    def lines(self, name: str) -> list[str]:
        """What a fake command has noted."""
        path = self.folder / name
        return path.read_text().splitlines() if path.exists() else []


class _Server(asyncssh.SSHServer):
    def begin_auth(self, username: str) -> bool:
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return password == PASSWORD


@dataclass
class Faults:
    """What goes wrong while files are written, where not None.

    Attributes:
        cut_after: bytes until the connection breaks.
        full_after: bytes until there is no space.
    """

    cut_after: int | None = None
    full_after: int | None = None


class Files(asyncssh.SFTPServer):
    """Files of a sandbox, with faults."""

    sandbox: Sandbox
    faults: Faults

    def __init__(self, channel: Any) -> None:
        super().__init__(channel, chroot=str(self.sandbox.home).encode())
        self.written = 0

    def write(self, file_obj: Any, offset: int, data: bytes) -> Any:
        self.written += len(data)
        faults = self.faults
        if faults.cut_after is not None and self.written > faults.cut_after:
            self.channel.get_connection().abort()
        if faults.full_after is not None and self.written > faults.full_after:
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().write(file_obj, offset, data)


@contextmanager
def asyncssh_server(sandbox: Sandbox, key: Path, faults: Faults) -> Iterator[int]:
    """Serve a sandbox by asyncssh, in a thread, to who has the key or the password; yield the port."""

    async def handle(process: Any) -> None:
        shell = await asyncio.create_subprocess_exec(
            "/bin/sh", "-c", process.command, env=sandbox.environment, cwd=sandbox.home,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip

        async def pass_on(source: Any, target: Any) -> None:
            while data := await source.read(1 << 16):
                target.write(data)

        assert shell.stdin is not None
        shell.stdin.write(await process.stdin.read())
        shell.stdin.close()
        await asyncio.gather(pass_on(shell.stdout, process.stdout), pass_on(shell.stderr, process.stderr))
        process.exit(await shell.wait())

    async def start() -> Any:
        return await asyncssh.listen(
            "127.0.0.1", 0, server_factory=_Server, server_host_keys=[str(key)], authorized_client_keys=f"{key}.pub",
            process_factory=handle, sftp_factory=Here, encoding=None,
        )  # fmt: skip

    async def end(server: Any) -> None:
        server.close()
        await server.wait_closed()

    class Here(Files):
        pass

    Here.sandbox, Here.faults = sandbox, faults
    loop = asyncio.new_event_loop()

    def call(work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, loop).result(20)

    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    server = call(start())
    try:
        yield server.get_port()
    finally:
        call(end(server))
        loop.call_soon_threadsafe(loop.stop)
        thread.join()


@contextmanager
def openssh_server(sandbox: Sandbox, key: Path, faults: Faults) -> Iterator[int]:
    """Serve a sandbox by OpenSSH, to who has the key; yield the port."""
    assert OPENSSH is not None
    if os.getuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)  # what root's server wants to be there
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    variables = " ".join(f"{name}={value}" for name, value in sandbox.environment.items())
    entry = sandbox.folder / "entry"
    entry.write_text(f'#!/bin/sh\ncd {sandbox.home} && exec env -i {variables} /bin/sh -c "$SSH_ORIGINAL_COMMAND"\n')
    entry.chmod(0o755)
    (sandbox.folder / "authorized").write_text(Path(f"{key}.pub").read_text())
    settings = {
        "ListenAddress": f"127.0.0.1:{port}", "HostKey": key, "AuthorizedKeysFile": sandbox.folder / "authorized",
        "PidFile": "none", "UsePAM": "no", "StrictModes": "no", "PasswordAuthentication": "no",
        "KbdInteractiveAuthentication": "no", "ForceCommand": entry, "Subsystem": f"sftp {SFTP_SERVER}",
    }  # fmt: skip
    file = sandbox.folder / "sshd_config"
    file.write_text("".join(f"{name} {value}\n" for name, value in settings.items()))
    with (sandbox.folder / "sshd.log").open("w") as log:
        server = subprocess.Popen([OPENSSH, "-D", "-e", "-f", file], stderr=log)
    try:
        _wait_for(port, server, sandbox.folder / "sshd.log")
        yield port
    finally:
        server.terminate()
        server.wait(20)


def _wait_for(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    ends = time.monotonic() + 20
    while time.monotonic() < ends and server.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.02)
    raise RuntimeError(f"sshd does not answer: {log.read_text()}")


SERVERS: dict[str, Callable[[Sandbox, Path, Faults], Any]] = {
    "asyncssh": asyncssh_server,
    **({"openssh": openssh_server} if OPENSSH else {}),
}


@dataclass
class Bench:
    """A person's machine and a board beside it.

    Attributes:
        board: the board.
        port: of its ssh server on 127.0.0.1.
        ssh: the person's folder ``~/.ssh``, with a key that the board takes and a host key that is known.
        faults: of the board's file server.
    """

    board: Sandbox
    port: int
    ssh: Path
    faults: Faults = field(default_factory=Faults)

    def forget_key(self) -> None:
        """Lose the key that the board takes."""
        (self.ssh / "id_ed25519").unlink()


@contextmanager
def bench(folder: Path, server: str = "asyncssh") -> Iterator[Bench]:
    """Set up a board behind a server, and ``home/.ssh`` in ``folder`` with a key for it."""
    board, ssh, faults = Sandbox(folder / "board"), folder / "home/.ssh", Faults()
    ssh.mkdir(parents=True)
    key = asyncssh.generate_private_key("ssh-ed25519")
    for path in (ssh / "id_ed25519", folder / "key"):
        key.write_private_key(str(path))
        path.chmod(0o600)
        key.write_public_key(f"{path}.pub")
    with SERVERS[server](board, folder / "key", faults) as port:
        (ssh / "known_hosts").write_text(f"[127.0.0.1]:{port} {key.export_public_key().decode()}")
        yield Bench(board, port, ssh, faults)
