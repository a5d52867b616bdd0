"""Cells of a mapped netlist as Verilog: what each cell does, of ECP5 and of AMD's parts.

LUTs, carries and flip-flops become expressions, which a simulator takes faster than as many module instances.
Rarer cells of AMD's parts are instances of yosys' own models.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from codesign.errors import ToolFailed
from hw.synth.netlist_ram import HOLD, NEW, OLD, RamPort, ram


@dataclass(frozen=True)
class Cell:
    """A cell of yosys' JSON netlist, its nets as Verilog expressions.

    Attributes:
        name: a Verilog identifier, unique in the module.
        kind: its type.
        parameters: as in the JSON: strings of bits, or of characters.
        pins: expressions by port, lowest bit first.
    """

    name: str
    kind: str
    parameters: Mapping[str, str]
    pins: Mapping[str, Sequence[str]]

    def number(self, parameter: str, default: int = 0) -> int:
        """Return a parameter's value; undefined bits are 0."""
        text = self.parameters.get(parameter)
        return default if text is None else int(re.sub("[xz]", "0", str(text)), 2)

    def text(self, parameter: str, default: str = "") -> str:
        return str(self.parameters.get(parameter, default)).strip()

    def pin(self, port: str, default: str = "1'b0") -> str:
        """Return the expression at a one-bit port, ``default`` where nothing is connected."""
        bits = self.pins.get(port) or ()
        return bits[0] if bits else default

    def bus(self, prefix: str, width: int) -> list[str]:
        """Return the expressions at ``prefix0``, ``prefix1``…"""
        return [self.pin(f"{prefix}{i}") for i in range(width)]

    def vector(self, port: str, width: int) -> list[str]:
        """Return the expressions at a port, filled up with zeros."""
        bits = list(self.pins.get(port) or ())
        return bits + ["1'b0"] * (width - len(bits))

    def must(self, parameter: str, *allowed: object) -> None:
        """Refuse a parameter's value that the model doesn't know."""
        value = self.parameters.get(parameter)
        if value is not None and str(value).strip() not in map(str, allowed):
            raise ToolFailed(f"The netlist's {self.kind} {self.name} has {parameter}={value}, which is not modelled")


_PAIRS = {
    0x1: "~({0} | {1})", 0x2: "({0} & ~{1})", 0x4: "(~{0} & {1})", 0x6: "({0} ^ {1})", 0x7: "~({0} & {1})",
    0x8: "({0} & {1})", 0x9: "~({0} ^ {1})", 0xB: "({0} | ~{1})", 0xD: "(~{0} | {1})", 0xE: "({0} | {1})",
}  # fmt: skip
"""LUTs of two inputs that both matter, by table."""


def lookup(table: int, inputs: Sequence[str]) -> str:
    """Return the expression of a LUT: bit ``inputs`` (first lowest) of ``table``. Constant inputs are folded in."""
    live = list(inputs)
    for i in reversed(range(len(live))):
        if live[i] in ("1'b0", "1'b1"):
            chosen = int(live[i] == "1'b1")
            kept = [j for j in range(1 << len(live)) if j >> i & 1 == chosen]
            table = sum((table >> j & 1) << position for position, j in enumerate(kept))
            del live[i]
    size = 1 << len(live)
    table &= (1 << size) - 1
    if not live:
        return f"1'b{table}"
    if table in (0b10, 0b01) and size == 2:
        return live[0] if table == 0b10 else f"~{live[0]}"
    if size == 4 and table in _PAIRS:
        return _PAIRS[table].format(*live)
    if size == 8 and table in (0x96, 0x69):
        return f"({'~' * (table == 0x69)}({' ^ '.join(live)}))"
    # A one-bit cast keeps the shifted table's other bits out of wider expressions.
    return f"1'({size}'d{table} >> {{{', '.join(reversed(live))}}})"


class Body:
    """Verilog of a module's cells, flip-flops of one clock and control together.

    Attributes:
        lines: all that is not a flip-flop.
        registers: nets that are flip-flops, and their values at power-up.
    """

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.registers: dict[str, int] = {}
        self._groups: dict[tuple[str, str, str, str, bool], list[tuple[str, str, int]]] = {}

    def assign(self, net: str | None, expression: str) -> None:
        if net is not None:
            self.lines.append(f"assign {net} = {expression};")

    def flip_flop(
        self, q: str, d: str, clock: str, enable: str, reset: str, value: int, *, initial: int, order: str, edge: bool
    ) -> None:
        """Add one; ``order`` is ``reset`` or ``enable``, whichever rules; ``edge``: an asynchronous reset."""
        self.registers[q] = initial
        self._groups.setdefault((clock, enable, reset, order, edge), []).append((q, d, value))

    def text(self) -> list[str]:
        """Return the module's statements."""
        lines = list(self.lines)
        for (clock, enable, reset, order, edge), cells in self._groups.items():
            lines.append(f"always @(posedge {clock}{f' or posedge {reset}' if edge else ''}) begin")
            load = [f"{q} <= {d};" for q, d, _ in cells]
            clear = [f"{q} <= 1'b{value};" for q, _, value in cells]
            outer, inner = (f"if ({reset})", f"else if ({enable})") if order == "reset" else (f"if ({enable})", "")
            if reset == "1'b0":
                lines += [f"  if ({enable}) begin", *(f"    {line}" for line in load), "  end"]
            elif order == "reset":
                lines += [f"  {outer} begin", *(f"    {line}" for line in clear), f"  end {inner} begin"]
                lines += [*(f"    {line}" for line in load), "  end"]
            else:
                lines += [f"  {outer} begin", f"    if ({reset}) begin", *(f"      {line}" for line in clear)]
                lines += ["    end else begin", *(f"      {line}" for line in load), "    end", "  end"]
            lines.append("end")
        return lines


def _lut(cell: Cell, body: Body, inputs: Sequence[str], output: str, parameter: str = "INIT") -> None:
    body.assign(cell.pin(output), lookup(cell.number(parameter), [cell.pin(i) for i in inputs]))


def _mux(cell: Cell, body: Body, low: str, high: str, select: str, output: str) -> None:
    body.assign(cell.pin(output), f"{cell.pin(select)} ? {cell.pin(high)} : {cell.pin(low)}")


def _ccu2c(cell: Cell, body: Body) -> None:
    carry = cell.pin("CIN")
    for half in "01":
        table, inputs = cell.number(f"INIT{half}"), [cell.pin(f"{i}{half}") for i in "ABCD"]
        injects = cell.text(f"INJECT1_{half}", "YES") == "YES"
        full = f"{cell.name}_f{half}"
        body.lines.append(f"wire {full} = {lookup(table, inputs)};")
        body.assign(_output(cell, f"S{half}"), full if injects else f"{full} ^ {carry}")
        generate = "1'b0" if injects else lookup(table & 0xF, inputs[:2])
        carried = f"({full} ? {carry} : {generate})"
        if half == "1":
            body.assign(_output(cell, "COUT"), carried)
        else:
            body.lines.append(f"wire {cell.name}_c = {carried};")
            carry = f"{cell.name}_c"


def _output(cell: Cell, port: str) -> str | None:
    bits = cell.pins.get(port)
    return bits[0] if bits else None


def _trellis_ff(cell: Cell, body: Body) -> None:
    one = "1'b1"
    clock = {"CLK": cell.pin("CLK"), "INV": f"~{cell.pin('CLK')}"}[cell.text("CLKMUX", "CLK")]
    enables = {"CE": cell.pin("CE", one), "1": one, "0": "1'b0", "INV": f"~{cell.pin('CE')}"}
    enable = enables[cell.text("CEMUX", "CE")]
    reset = {"LSR": cell.pin("LSR"), "INV": f"~{cell.pin('LSR', one)}"}[cell.text("LSRMUX", "LSR")]
    value = int(cell.text("REGSET", "RESET") == "SET")
    mode = cell.text("SRMODE", "LSR_OVER_CE")
    order = "enable" if mode == "CE_OVER_LSR" else "reset"
    body.flip_flop(
        cell.pin("Q"), cell.pin("DI"), clock, enable, reset, value, initial=value, order=order, edge=mode == "ASYNC"
    )


def _dpr16x4(cell: Cell, body: Body) -> None:
    cell.must("WCKMUX", "WCK")
    cell.must("WREMUX", "WRE")
    init = cell.number("INITVAL")
    body.lines += [f"reg [3:0] {cell.name} [0:15];", f"initial begin : {cell.name}_contents"]
    body.lines += [f"  {cell.name}[{i}] = 4'd{init >> 4 * i & 15};" for i in range(16)]
    body.lines.append("end")
    body.lines.append(
        f"always @(posedge {cell.pin('WCK')}) if ({cell.pin('WRE')}) {cell.name}[{_join(cell.vector('WAD', 4))}] <= "
        f"{_join(cell.vector('DI', 4))};"
    )
    body.assign(_join(cell.pins["DO"]), f"{cell.name}[{_join(cell.vector('RAD', 4))}]")


def _dp16kd(cell: Cell, body: Body) -> None:
    contents = 0
    for row in range(1024):  # rows of 18 bits, in slots of 20, 16 a parameter
        word = cell.number(f"INITVAL_{row // 16:02X}") >> row % 16 * 20 & 0x3FFFF
        contents |= word << 18 * row
    widths = {side: cell.number(f"DATA_WIDTH_{side}", 18) for side in "AB"}
    modes = {"NORMAL": HOLD, "WRITETHROUGH": NEW, "READBEFOREWRITE": OLD}
    ports = []
    for side, other in ("AB", "BA"):
        cell.must(f"REGMODE_{side}", "NOREG")
        cell.must(f"CSDECODE_{side}", "0b000")
        cell.must(f"CLK{side}MUX", f"CLK{side}")
        if cell.pin(f"RST{side}") != "1'b0":
            cell.must("RESETMODE", "SYNC")
        width, address, enable = widths[side], cell.bus(f"AD{side}", 14), cell.pin(f"WE{side}")
        writes = enable != "1'b0"
        lanes = [f"({enable} & {bit})" for bit in address[: width // 9]] if width >= 18 else [enable]
        # A port of 36 bits has the other's data pins as its upper half.
        data = cell.bus("DIA", 18) + cell.bus("DIB", 18) if width == 36 else cell.bus(f"DI{side}", 18)
        outputs = [*_nets(cell, "DOA"), *_nets(cell, "DOB")] if width == 36 else _nets(cell, f"DO{side}")
        reads = any(net is not None for net in outputs) and not (width == 36 and writes)
        if widths[other] == 36 and cell.pin(f"WE{other}") == "1'b0" and any(n is not None for n in outputs):
            reads = False  # its pins belong to the other port
        ports.append(
            RamPort(
                cell.pin(f"CLK{side}"),
                cell.pin(f"CE{side}", "1'b1"),
                cell.pin(f"RST{side}"),
                address,
                width if reads else 0,
                width if writes else 0,
                lanes,
                data,
                outputs,
                modes[cell.text(f"WRITEMODE_{side}", "NORMAL")],
                False,
            )
        )
    body.lines += ram(cell.name, 2048, contents, ports)


def _nets(cell: Cell, prefix: str) -> list[str | None]:
    return [_output(cell, f"{prefix}{i}") for i in range(18)]


def _mult18x18d(cell: Cell, body: Body) -> None:
    for parameter in cell.parameters:
        if parameter.startswith("REG_") and parameter.endswith("_CLK"):
            cell.must(parameter, "NONE")
    for pin in ("SOURCEA", "SOURCEB"):
        if cell.pin(pin) != "1'b0":
            raise ToolFailed(f"The netlist's {cell.kind} {cell.name} has {pin} connected, which is not modelled")
    a, b, name = cell.bus("A", 18), cell.bus("B", 18), cell.name
    body.lines += [
        f"wire signed [18:0] {name}_a = {{{cell.pin('SIGNEDA')} & {a[17]}, {', '.join(reversed(a))}}};",
        f"wire signed [18:0] {name}_b = {{{cell.pin('SIGNEDB')} & {b[17]}, {', '.join(reversed(b))}}};",
        f"wire signed [37:0] {name}_p = {name}_a * {name}_b;",
    ]
    for i in range(36):
        body.assign(_output(cell, f"P{i}"), f"{name}_p[{i}]")


def _carry4(cell: Cell, body: Body) -> None:
    carry = f"({cell.pin('CI')} | {cell.pin('CYINIT')})"
    sums, carries = cell.pins.get("O", ()), cell.pins.get("CO", ())
    for i, (s, di) in enumerate(zip(cell.vector("S", 4), cell.vector("DI", 4), strict=True)):
        if i < len(sums):
            body.assign(sums[i], f"{s} ^ {carry}")
        body.lines.append(f"wire {cell.name}_c{i} = {s} ? {carry} : {di};")
        carry = f"{cell.name}_c{i}"
        if i < len(carries):
            body.assign(carries[i], carry)


def _carry8(cell: Cell, body: Body) -> None:
    cell.must("CARRY_TYPE", "SINGLE_CY8")
    pins = {"CI": [cell.pin("CI")], "S": cell.vector("S", 8), "DI": cell.vector("DI", 8)}
    carry, sums, carries = pins["CI"][0], cell.pins.get("O", ()), cell.pins.get("CO", ())
    for i in range(8):
        if i < len(sums):
            body.assign(sums[i], f"{pins['S'][i]} ^ {carry}")
        body.lines.append(f"wire {cell.name}_c{i} = {pins['S'][i]} ? {carry} : {pins['DI'][i]};")
        carry = f"{cell.name}_c{i}"
        if i < len(carries):
            body.assign(carries[i], carry)


def _fd(cell: Cell, body: Body) -> None:
    kind = cell.kind  # FDRE, FDSE: synchronous; FDCE, FDPE: asynchronous
    pin = {"R": "R", "S": "S", "C": "CLR", "P": "PRE"}[kind[2]]

    def inverted(port: str) -> str:
        return ("~" if cell.number(f"IS_{port}_INVERTED") else "") + cell.pin(port, "1'b1" if port == "CE" else "1'b0")

    body.flip_flop(
        cell.pin("Q"), inverted("D"), inverted("C"), cell.pin("CE", "1'b1"), inverted(pin), int(kind[2] in "SP"),
        initial=cell.number("INIT", int(kind[2] in "SP")), order="reset", edge=kind[2] in "CP",
    )  # fmt: skip


def _dsp48e2(cell: Cell, body: Body) -> None:
    for parameter in cell.parameters:
        if parameter.endswith("REG"):
            cell.must(parameter, "0", "0" * 32)
    opmode = _join(cell.vector("OPMODE", 9)).replace(" ", "")
    if opmode != _join(["1'b1", "1'b0", "1'b1"] + ["1'b0"] * 6).replace(" ", ""):
        raise ToolFailed(f"The netlist's {cell.kind} {cell.name} does more than multiply, which is not modelled")
    body.lines += [
        f"wire signed [26:0] {cell.name}_a = {_join(cell.vector('A', 30)[:27])};",
        f"wire signed [17:0] {cell.name}_b = {_join(cell.vector('B', 18))};",
        f"wire signed [47:0] {cell.name}_p = {cell.name}_a * {cell.name}_b;",
    ]
    for i, net in enumerate(cell.pins.get("P", ())):
        body.assign(net, f"{cell.name}_p[{i}]")


def _ramb(cell: Cell, body: Body) -> None:
    half = 16 if "18" in cell.kind else 32  # data bits of a side
    ultra = cell.kind.endswith("E2")
    names = {
        side: (f"DIN{side}DIN", f"DINP{side}DINP", f"DOUT{side}DOUT", f"DOUTP{side}DOUTP")
        if ultra
        else (f"DI{side}DI", f"DIP{side}DIP", f"DO{side}DO", f"DOP{side}DOP")
        for side in "AB"
    }
    size = half * 128
    contents = 0
    for byte in range(size):
        data = cell.number(f"INIT_{byte // 32:02X}") >> byte % 32 * 8 & 0xFF
        parity = cell.number(f"INITP_{byte // 256:02X}") >> byte % 256 & 1
        contents |= (parity << 8 | data) << 9 * byte
    ports = []
    for side, clock, address, enables in (("A", "ARD", "ARD", "WEA"), ("B", "BWR", "BWR", "WEBWE")):
        read, write = cell.number(f"READ_WIDTH_{side}"), cell.number(f"WRITE_WIDTH_{side}")
        for parameter in (f"INIT_{side}", f"SRVAL_{side}", f"DO{side}_REG", f"IS_CLK{clock}CLK_INVERTED"):
            if cell.number(parameter):
                raise ToolFailed(f"The netlist's {cell.kind} {cell.name} has {parameter} set, which is not modelled")
        cell.must(f"RAM_EXTENSION_{side}", "NONE")
        sides = "AB" if max(read, write) > half * 9 // 8 else side
        modes = {"NO_CHANGE": HOLD, "WRITE_FIRST": NEW, "READ_FIRST": OLD}
        writes = 0 if all(bit == "1'b0" for bit in cell.vector(enables, 1)) else write
        ports.append(
            RamPort(
                cell.pin(f"CLK{clock}CLK"),
                cell.pin(f"EN{clock}EN"),
                cell.pin("RSTRAMARSTRAM" if side == "A" else "RSTRAMB"),
                cell.vector(f"ADDR{address}ADDR", 16)[: 14 if half == 16 else 15],
                read,
                writes,
                cell.vector(enables, 8),
                _bytes(
                    [b for s in sides for b in cell.vector(names[s][0], half)],
                    [b for s in sides for b in cell.vector(names[s][1], half // 8)],
                    write,
                ),
                _bytes(
                    [b for s in sides for b in _wires(cell, names[s][2], half)],
                    [b for s in sides for b in _wires(cell, names[s][3], half // 8)],
                    read,
                ),
                modes[cell.text(f"WRITE_MODE_{side}", "WRITE_FIRST")],
                True,
            )
        )
    body.lines += ram(cell.name, size, contents, ports)


def _uram288(cell: Cell, body: Body) -> None:
    """4096 words of 72 bits with two ports of one clock, as yosys connects it; its contents at power-up are unknown."""
    body.lines.append(f"reg [71:0] {cell.name} [0:4095];")
    cell.must("IS_CLK_INVERTED", 0, "0")
    for side in "AB":
        cell.must(f"OREG_{side}", "FALSE")
        cell.must(f"IREG_PRE_{side}", "FALSE")
        if cell.pin(f"RST_{side}") != "1'b0":
            cell.must(f"RST_MODE_{side}", "SYNC")
        address = _join(cell.vector(f"ADDR_{side}", 23)[:12])
        enable, write, reset = (cell.pin(f"{pin}_{side}") for pin in ("EN", "RDB_WR", "RST"))
        interleaved = cell.text(f"BWE_MODE_{side}") == "PARITY_INTERLEAVED"
        data, bytes_ = cell.vector(f"DIN_{side}", 72), cell.vector(f"BWE_{side}", 9)
        body.lines.append(f"always @(posedge {cell.pin('CLK')}) begin")
        for bit in range(72):
            byte = bytes_[bit - 64 if interleaved and bit >= 64 else bit // 8]
            if byte != "1'b0" and write != "1'b0":
                body.lines.append(f"  if ({enable} && {write} && {byte}) {cell.name}[{address}][{bit}] <= {data[bit]};")
        body.lines.append("end")
        if cell.pins.get(f"DOUT_{side}"):
            out = f"{cell.name}_{side}"
            body.lines += [
                f"reg [71:0] {out};",
                f"always @(posedge {cell.pin('CLK')}) if ({reset}) {out} <= 0;",
                f"  else if ({enable} && !{write}) {out} <= {cell.name}[{address}];",
            ]
            for bit, net in enumerate(_wires(cell, f"DOUT_{side}", 72)):
                body.assign(net, f"{out}[{bit}]")


def _wires(cell: Cell, port: str, width: int) -> list[str | None]:
    bits: list[str | None] = list(cell.pins.get(port) or ())
    return bits + [None] * (width - len(bits))


def _bytes(data: Sequence[Any], parity: Sequence[Any], width: int) -> list[Any]:
    """Return data bits with each byte's parity bit behind it; less than nine bits have none."""
    if width < 9:
        return list(data[:width])
    return [bit for i in range(width // 9) for bit in (*data[8 * i : 8 * i + 8], parity[i])]


def _join(bits: Sequence[str]) -> str:
    return f"{{{', '.join(reversed(bits))}}}"


CELLS: dict[str, Callable[[Cell, Body], None]] = {
    "LUT4": lambda c, b: _lut(c, b, "ABCD", "Z") if "Z" in c.pins else _lut(c, b, ("I0", "I1", "I2", "I3"), "O"),
    "PFUMX": lambda c, b: _mux(c, b, "BLUT", "ALUT", "C0", "Z"),
    "L6MUX21": lambda c, b: _mux(c, b, "D0", "D1", "SD", "Z"),
    "CCU2C": _ccu2c,
    "TRELLIS_FF": _trellis_ff,
    "TRELLIS_DPR16X4": _dpr16x4,
    "DP16KD": _dp16kd,
    "MULT18X18D": _mult18x18d,
    **{f"LUT{n}": (lambda c, b, n=n: _lut(c, b, [f"I{i}" for i in range(n)], "O")) for n in (1, 2, 3, 5, 6)},  # type: ignore[misc]
    **dict.fromkeys(("MUXF7", "MUXF8", "MUXF9"), lambda c, b: _mux(c, b, "I0", "I1", "S", "O")),
    "INV": lambda c, b: b.assign(c.pin("O"), f"~{c.pin('I')}"),
    "CARRY4": _carry4,
    "CARRY8": _carry8,
    **dict.fromkeys(("FDRE", "FDSE", "FDCE", "FDPE"), _fd),
    "DSP48E2": _dsp48e2,
    **dict.fromkeys(("RAMB18E1", "RAMB36E1", "RAMB18E2", "RAMB36E2"), _ramb),
    "URAM288": _uram288,
}
