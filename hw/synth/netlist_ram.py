"""Block RAMs of a mapped netlist as Verilog: one form for all families, written for each RAM's own widths.

A RAM is a memory of 9-bit bytes with two ports. An address counts bits, eight a byte; a port of 9 bits and more has
whole bytes, one of less a part of a byte's lower eight bits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from codesign.errors import ToolFailed

HOLD, NEW, OLD = "hold", "new", "old"


@dataclass(frozen=True)
class RamPort:
    """One port of a RAM: Verilog expressions, and how they act.

    Attributes:
        clock: clock.
        enable: enable of reads and writes.
        reset: synchronous reset of the output.
        address: bits, lowest first; of the RAM's whole address.
        read: width read, 0 for none.
        write: width written, 0 for none.
        enables: write enable of each byte.
        data: bits written, lowest first.
        output: nets of the bits read, lowest first, None where nothing is connected.
        mode: what the output does while the port writes: HOLD, NEW or OLD.
        gated: whether the reset waits for the enable, and a reset leaves writes alone.
    """

    clock: str
    enable: str
    reset: str
    address: Sequence[str]
    read: int
    write: int
    enables: Sequence[str]
    data: Sequence[str]
    output: Sequence[str | None]
    mode: str
    gated: bool


def ram(name: str, size: int, contents: int, ports: Sequence[RamPort]) -> list[str]:
    """Return the Verilog of a RAM of ``size`` bytes with initial ``contents`` (nine bits a byte, byte 0 lowest)."""
    lines = [
        f"reg [8:0] {name} [0:{size - 1}];",
        f"localparam [{9 * size - 1}:0] {name}_contents = {9 * size}'h{contents:x};",
        f"initial for (int i = 0; i < {size}; i++) {name}[i] = {name}_contents[9*i +: 9];",
    ]
    # Both ports read before either writes: what a port reads where the other writes is not defined by any family.
    for index, port in enumerate(ports):
        lines += _port(name, f"{name}_{index}", port)
    return lines


def _byte(name: str, port: RamPort, width: int, i: int) -> str:
    """Return the expression of the memory's byte ``i`` of an access of ``width``."""
    skipped = 3 + (max(1, width // 9) - 1).bit_length()
    low = f", {skipped - 3}'d{i}" if skipped > 3 else ""
    return f"{name}[{{{', '.join(reversed(port.address[skipped:]))}{low}}}]"


def _part(port: RamPort, width: int) -> tuple[str, int]:
    """Return the first bit within a byte of an access of less than nine bits, and the mask of its width."""
    low = width.bit_length() - 1
    bits = [*reversed(port.address[low:3]), *(["1'b0"] * low)]
    return f"{{{', '.join(bits)}}}", (1 << width) - 1


def _port(name: str, prefix: str, port: RamPort) -> list[str]:
    lines = []
    body = []
    if port.read:
        lines.append(f"reg [{port.read - 1}:0] {prefix}_q = 0;")
        body += _read(name, prefix, port)
        lines += [
            f"assign {net} = {prefix}_q[{i}];" for i, net in enumerate(port.output[: port.read]) if net is not None
        ]
    if port.write:
        body += _write(name, port)
    return [*lines, f"always @(posedge {port.clock}) begin", *(f"  {line}" for line in body), "end"]


def _any_write(port: RamPort) -> str:
    return f"({' | '.join(port.enables[: max(1, port.write // 9)])})"


def _read(name: str, prefix: str, port: RamPort) -> list[str]:
    if port.read < 9:
        first, mask = _part(port, port.read)
        value = f"({_byte(name, port, port.read, 0)} >> {first}) & 9'd{mask}"
    else:
        value = f"{{{', '.join(_byte(name, port, port.read, i) for i in reversed(range(port.read // 9)))}}}"
    condition = port.enable
    if port.write and port.mode == HOLD:
        condition = f"{port.enable} && !{_any_write(port)}"
    elif port.write and port.mode == NEW:
        if port.read != port.write:
            raise ToolFailed(f"RAM {name} shows what it writes, with widths {port.read} and {port.write}")
        data = port.data[: port.read]
        if port.read < 9:
            value = f"{port.enables[0]} ? {{{', '.join(reversed(data))}}} : {value}"
        else:
            pieces = [
                f"({port.enables[i]} ? {{{', '.join(reversed(data[9 * i : 9 * i + 9]))}}} : "
                f"{_byte(name, port, port.read, i)})"
                for i in reversed(range(port.read // 9))
            ]
            value = f"{{{', '.join(pieces)}}}"
    reset = f"{port.reset} && {port.enable}" if port.gated else port.reset
    return [f"if ({reset}) {prefix}_q <= 0;", f"else if ({condition}) {prefix}_q <= {value};"]


def _write(name: str, port: RamPort) -> list[str]:
    condition = port.enable if port.gated else f"{port.enable} && !{port.reset}"
    if port.write < 9:
        first, mask = _part(port, port.write)
        byte = _byte(name, port, port.write, 0)
        data = f"{{{', '.join(reversed(port.data[: port.write]))}}}"
        new = f"({byte} & ~(9'd{mask} << {first})) | (9'({data}) << {first})"
        return [f"if ({condition} && {port.enables[0]}) {byte} <= {new};"]
    return [
        f"if ({condition} && {port.enables[i]}) {_byte(name, port, port.write, i)} <= "
        f"{{{', '.join(reversed(port.data[9 * i : 9 * i + 9]))}}};"
        for i in range(port.write // 9)
    ]
