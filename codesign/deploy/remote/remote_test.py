"""``codesign deploy`` to boards behind a local ssh server: what is copied and run, and each thing that goes wrong."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import asyncssh
import pytest
from click.testing import CliRunner
from codesign_board.package import SUMS, Package

from codesign.cli.deploy import deploy as command
from codesign.deploy import remote
from codesign.deploy.remote import python
from codesign.deploy.remote.conftest import PLACE, hashes, send
from codesign.deploy.remote.testing import PASSWORD, SERVERS, Bench, bench
from codesign.errors import CodesignError, MissingTool, ToolFailed, UserError, VerificationFailed


@pytest.mark.parametrize("server", SERVERS)
def test_the_package_arrives_whole_and_is_tested(home: Path, package: Path, server: str) -> None:
    with bench(home, server) as found:
        found.board.fake_python()
        user = os.environ.get("USER", "root") if server == "openssh" else "xilinx"
        arguments = [str(package), "--host", f"{user}@127.0.0.1", "--port", str(found.port)]
        done = CliRunner().invoke(command, arguments, catch_exceptions=False)
        assert done.exit_code == 0, done.output
        there = found.board.home / PLACE
        assert hashes(there) == hashes(package)
        assert Package.load(there).build == Package.load(package).build
        (tested,) = found.board.lines("selftests")
        assert tested == f"-m codesign_board selftest {there} --place pynq"
        (installed,) = found.board.lines("pips")
        assert installed.endswith(f"{there}/{Package.load(package).file('wheel').name}")
        assert "--no-deps" in installed
        assert "all equal" in done.output
        again = CliRunner().invoke(command, arguments, catch_exceptions=False)
        assert "Nothing to copy" in again.output
        assert "The driver is there" in again.output
        assert len(found.board.lines("pips")) == 1
        assert len(found.board.lines("selftests")) == 2
        assert [p.name for p in there.parent.iterdir()] == [there.name]


@pytest.mark.parametrize(
    ("found", "message"),
    [
        ({"version": [3, 8, 10]}, r"has Python 3\.8\.10 \(.*/bin/python3\), and the driver needs 3\.10"),
        ({"modules": ["numpy", "pip"]}, "has no pynq: this is no PYNQ image"),
        ({"modules": ["pynq", "pip"]}, "has no numpy: install it there"),
        ({"modules": ["numpy", "pynq"]}, "has no pip: install it there"),
    ],
)
def test_a_python_that_will_not_do(board: Bench, package: Path, found: dict[str, object], message: str) -> None:
    board.board.fake_python(**found)  # type: ignore[arg-type]
    with pytest.raises(MissingTool, match=message):
        send(board, package)
    assert not (board.board.home / PLACE).exists()


def test_no_python_and_one_that_does_not_run(board: Bench, package: Path) -> None:
    board.board.command("python3", "echo 'cannot execute binary file' >&2; exit 1")
    with pytest.raises(MissingTool, match=r"python3 on .* does not run \(cannot execute binary file\)"):
        send(board, package)
    (board.board.bin / "python3").unlink()
    with pytest.raises(MissingTool, match="has no python3"):
        send(board, package)


def test_pynqs_own_environment_comes_first(
    board: Bench, package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "pynq-venv/python3"
    own.parent.mkdir()
    shutil.copy(board.board.bin / "python3", own)
    monkeypatch.setattr(python, "PYTHONS", (str(own), "python3"))
    assert send(board, package)[0] == f"Python 3.10.4 with numpy and pynq on xilinx@127.0.0.1: {own}"


@pytest.mark.parametrize(
    ("status", "error"), [(1, ToolFailed), (2, UserError), (3, MissingTool), (4, VerificationFailed), (139, ToolFailed)]
)
def test_the_self_tests_status_is_ours(board: Bench, package: Path, status: int, error: type[CodesignError]) -> None:
    board.board.fake_python(selftest=("one\nError: frame 3 differs", status))
    with pytest.raises(error, match=r"The self-test on xilinx@127\.0\.0\.1 failed: frame 3 differs") as failed:
        send(board, package)
    assert failed.type is error


def test_pip_that_fails(board: Bench, package: Path) -> None:
    board.board.fake_python(pip=1)
    with pytest.raises(ToolFailed, match=r"pip could not install codesign_board-.*\(ERROR: no luck\)"):
        send(board, package)
    assert not board.board.lines("selftests")


@pytest.mark.parametrize(
    ("found", "place", "options"),
    [
        ({}, "pynq", set()),
        ({"own": False, "writable": False}, "reference", {"--user"}),
        ({"own": False, "writable": False, "managed": True}, "reference", {"--user", "--break-system-packages"}),
    ],
)
def test_where_pip_installs(
    board: Bench, package: Path, found: dict[str, object], place: str, options: set[str]
) -> None:
    board.board.fake_python(**found)  # type: ignore[arg-type]
    send(board, package, place=place)
    assert {"--user", "--break-system-packages"} & set(board.board.lines("pips")[0].split()) == options


def test_pynq_gets_root(board: Bench, package: Path) -> None:
    """With sudo that lets us, with one that wants the password, and with neither."""
    board.board.command("id", "echo 1000")
    note = f'printf "%s " "$@" >>{board.board.folder}/sudos; echo >>{board.board.folder}/sudos'
    with pytest.raises(UserError, match=r"pynq needs root, and sudo on xilinx@127\.0\.0\.1 wants a password"):
        send(board, package)
    board.board.command("sudo", f'{note}; while [ "${{1#-}}" != "$1" ]; do shift; done; exec "$@"')
    board.board.fake_python(writable=False)
    send(board, package)
    assert [line.split()[:2] for line in board.board.lines("sudos")] == [["-n", "true"], ["-n", "-E"], ["-n", "-E"]]
    board.forget_key()
    board.board.command(
        "sudo",
        f'{note}; [ "$1" = -S ] || exit 1; read given; [ "$given" = {PASSWORD} ] || exit 1; shift\n'
        'while [ "${1#-}" != "$1" ]; do [ "$1" = -p ] && shift; shift; done; exec "$@"',
    )
    send(board, package, ask=lambda _: PASSWORD)
    assert len(board.board.lines("selftests")) == 2
    assert not [line for line in board.board.lines("sudos") if PASSWORD in line]


def test_passwords(board: Bench, package: Path) -> None:
    board.forget_key()
    with pytest.raises(UserError, match=r"did not let us in \(.*\): run `ssh-copy-id xilinx@127"):
        send(board, package)
    asked: list[str] = []
    answers = ["wrong", PASSWORD]

    def ask(what: str) -> str:
        asked.append(what)
        return answers[len(asked) - 1] if len(asked) <= len(answers) else "no more"

    send(board, package, ask=ask)
    assert asked == ["Password of xilinx@127.0.0.1"] * 2
    answers.clear()
    with pytest.raises(UserError, match="check user and password"):
        send(board, package, ask=ask)
    assert len(asked) == 2 + 3


def test_a_board_that_is_not_known_or_another(board: Bench, package: Path) -> None:
    known = board.ssh / "known_hosts"
    line = known.read_text()
    known.write_text("")
    message = rf"host key of xilinx@127\.0\.0\.1 is not .* run `ssh -p {board.port} xilinx@127\.0\.0\.1`"
    with pytest.raises(UserError, match=message):
        send(board, package)
    known.unlink()
    with pytest.raises(UserError, match=message):
        send(board, package)
    other = next(iter(line.split()[2:]))
    known.write_text(line.replace(other, other[:-8] + "AAAAAAAA"))
    with pytest.raises(UserError, match="host key"):
        send(board, package)


def test_ssh_config_is_heeded(board: Bench, package: Path) -> None:
    config = board.ssh / "config"
    (board.ssh / "id_ed25519").rename(board.ssh / "board_key")
    lines = ["Host pynq", "HostName 127.0.0.1", f"Port {board.port}", "User xilinx", "IdentityFile ~/.ssh/board_key"]
    config.write_text("\n".join(lines))
    said: list[str] = []
    asyncio.run(remote.deploy(remote.package_at(package), remote.Target.of("pynq"), say=said.append))
    assert said[-1] == "all equal"
    config.write_text("Host pynq\nPort many\n")
    with pytest.raises(UserError, match=r"files in ~/\.ssh cannot be used for pynq \(.*many.*\): mend them"):
        asyncio.run(remote.deploy(remote.package_at(package), remote.Target.of("pynq")))


@pytest.mark.parametrize("form", ["pkcs8-pem", "openssh"])
def test_a_key_with_a_passphrase_is_no_hindrance(board: Bench, package: Path, form: str) -> None:
    board.forget_key()
    path = board.ssh / "id_ed25519"
    if form == "openssh" and (program := shutil.which("ssh-keygen")):
        subprocess.run([program, "-q", "-t", "ed25519", "-N", "secret", "-f", path], check=True)
    else:
        asyncssh.generate_private_key("ssh-ed25519").write_private_key(str(path), "pkcs8-pem", passphrase="secret")
    assert send(board, package, ask=lambda _: PASSWORD)[-1] == "all equal"


def test_a_board_that_cannot_be_reached(board: Bench, package: Path) -> None:
    package_ = remote.package_at(package)
    for host, port in (("127.0.0.1", 1), ("no-such-board.invalid", None)):
        with pytest.raises(UserError, match=rf"{host} cannot be reached \(.+\): check name, cable and power"):
            asyncio.run(remote.deploy(package_, remote.Target(host, "xilinx", port)))


def test_what_is_asked_for_is_checked_before_anything_is_connected(home: Path, package: Path, tmp_path: Path) -> None:
    target = remote.Target("127.0.0.1", "xilinx", 1)
    with pytest.raises(UserError, match="There is no package"):
        remote.package_at(tmp_path / "nothing")
    axi = remote.package_at(package)
    for found, usual, wrong in ((axi, "pynq", ("serial", "moon", "")), (replace(axi, io="uart"), "serial", ("pynq",))):
        for place in wrong:
            words = f"--place '{place}' is no place for a package with {found.io}: give one of {usual}, reference, sim,"
            with pytest.raises(UserError, match=words):
                asyncio.run(remote.deploy(found, target, place=place))
        for right in (None, usual, "sim"):
            with pytest.raises(UserError, match="cannot be reached"):
                asyncio.run(remote.deploy(found, target, place=right))
    bare = tmp_path / "bare"
    shutil.copytree(package, bare)
    manifest = json.loads((bare / "manifest.json").read_text())
    del manifest["files"]["bitfile"]
    (bare / "residual.bit").unlink()
    (bare / "manifest.json").write_text(json.dumps(manifest))
    sums = hashes(bare)
    (bare / SUMS).write_text("".join(f"{sum_}  {name}\n" for name, sum_ in sums.items() if name != SUMS))
    with pytest.raises(UserError, match=r"has no bitfile\. Make it with Vivado"):
        asyncio.run(remote.deploy(remote.package_at(bare), target))
    (bare / "samples.npz").write_bytes(b"changed")
    with pytest.raises(UserError, match=r"samples\.npz was changed since it was made"):
        remote.package_at(bare)
    for host in ("", "xilinx@", "-oProxyCommand=x", "a b"):
        with pytest.raises(UserError, match="must be a board's name or address"):
            remote.Target.of(host)


def test_a_builds_folder_stands_for_its_package(package: Path, tmp_path: Path) -> None:
    shutil.copytree(package, tmp_path / "build/deploy")
    assert remote.package_at(tmp_path / "build").directory == tmp_path / "build/deploy"
