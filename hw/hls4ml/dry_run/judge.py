"""Judges what hls4ml's scripts called, as stand-ins recorded it, by the vocabulary and the project's target."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from hw.hls4ml.convert import PROJECT
from hw.hls4ml.dry_run.vocabulary import INTERFACES, ODDITIES, OWN_COMMANDS, PROPERTIES, RULES
from hw.hls4ml.target import WORD_BITS, Target
from hw.synth.vivado_project.judge import Call
from hw.synth.vivado_project.vocabulary import IPS, Command

Options = dict[str, tuple[str, ...]]
STREAMS = {"in_r": "slave", "out_r": "master"}
"""The wrapper's ports: ``in`` and ``out`` are VHDL's words, so HLS appends to them."""
WIDTHS = ("c_m_axis_mm2s_tdata_width", "c_s_axis_s2mm_tdata_width")


@dataclass
class Judge:
    """Follows the calls of one script; ``problems`` and ``remarks`` hold sentences with the script's line.

    Attributes:
        script: its name.
        commands: what it may call.
        target: part and clock that it must build for.
        top: name of the function that HLS makes an IP of.
    """

    script: str
    commands: Mapping[str, Command]
    target: Target
    top: str
    problems: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    cells: dict[str, str] = field(default_factory=dict)
    _line: int = 0

    def follow(self, calls: Sequence[Call]) -> None:
        """Judge all calls, in order."""
        for call in calls:
            self._line = call.line
            if call.command in OWN_COMMANDS:
                continue
            options, plain = self._parsed(call, self.commands[call.command])
            handler = getattr(self, f"_{call.command}", None)
            if handler:
                handler(options, plain)

    def _wrong(self, what: str) -> None:
        self.problems.append(f"{self.script}:{self._line}: {what}")

    def _parsed(self, call: Call, command: Command) -> tuple[Options, list[str]]:
        options, plain = Options(), list[str]()
        words = iter(zip(call.arguments, call.elements, strict=True))
        for text, _ in words:
            if not re.match(r"-[a-z]", text):
                plain.append(text)
            elif text not in command.options:
                self._wrong(f"{call.command} has no option {text}")
            else:
                options[text] = next(words, ("", ()))[1] if command.options[text] else ()
                if command.options[text] and not options[text]:
                    self._wrong(f"{call.command} {text} lacks its value")
        low, high = command.plain
        if not low <= len(plain) <= high:
            self._wrong(f"{call.command} takes {low} to {high} plain arguments, not {len(plain)}: {' '.join(plain)}")
        return options, plain

    # ---- what it builds for --------------------------------------------------------------------------------------
    def _part(self, part: str) -> None:
        if part != self.target.part:
            self._wrong(f"the part must be {self.target.part}, not {part!r}")

    def _set_part(self, options: Options, plain: list[str]) -> None:
        self._part(plain[0])

    def _create_project(self, options: Options, plain: list[str]) -> None:
        self._part(" ".join(options.get("-part", ())))

    def _synth_design(self, options: Options, plain: list[str]) -> None:
        self._part(" ".join(options.get("-part", ())))
        if options.get("-top") not in ((self.top,), (PROJECT,)):
            self._wrong(f"the top must be {self.top}, not {' '.join(options.get('-top', ()))!r}")

    def _set_top(self, options: Options, plain: list[str]) -> None:
        if plain != [self.top]:
            self._wrong(f"the top must be {self.top}, not {' '.join(plain)!r}")

    def _create_clock(self, options: Options, plain: list[str]) -> None:
        period = " ".join(options.get("-period", ()))
        if not re.fullmatch(r"\d+(\.\d+)?", period) or abs(float(period) * self.target.clock_mhz - 1e3) > 0.1:
            self._wrong(f"the clock's period must be that of {self.target.clock_mhz:g} MHz, not {period!r} ns")

    # ---- block design --------------------------------------------------------------------------------------------
    def _create_bd_cell(self, options: Options, plain: list[str]) -> None:
        vendor, library, name, version = [*" ".join(options.get("-vlnv", ())).split(":"), "", "", "", ""][:4]
        known = name in IPS if library == "ip" else (library, name) == ("hls", self.top)
        if vendor != "xilinx.com" or not known or not re.fullmatch(r"\d+\.\d+", version):
            self._wrong(f"no IP is named {vendor}:{library}:{name}:{version}")
        self.cells[plain[0]] = name

    def _set_property(self, options: Options, plain: list[str]) -> None:
        if not plain[-1].startswith("cell:"):
            return
        ip = self.cells.get(plain[-1].removeprefix("cell:"))
        items = options.get("-dict", tuple(plain[:-1]))
        if ip is None or len(items) % 2:
            self._wrong(f"set_property takes pairs and a cell that is there, not {plain[-1]}")
            return
        for name, value in zip(items[::2], items[1::2], strict=True):
            self._configure(ip, name.removeprefix("CONFIG."), value)

    def _configure(self, ip: str, name: str, value: str) -> None:
        declared = IPS[ip].properties if ip in IPS else {}
        allowed = declared[name][0] if name in declared else PROPERTIES.get(ip, {}).get(name)
        if f"{ip} {name}" in ODDITIES:
            self.remarks.append(f"{self.script}:{self._line}: {name} of {ip}: {ODDITIES[f'{ip} {name}']}")
        elif allowed is None:
            self._wrong(f"{ip} has no property {name}")
        elif not re.fullmatch(allowed, value):
            self._wrong(f"{name} must match {allowed}, not {value!r}")
        elif name in WIDTHS and value != str(WORD_BITS):
            self._wrong(f"{name} must be {WORD_BITS} as the wrapper's words are, not {value}")

    def _get_bd_cells(self, options: Options, plain: list[str]) -> None:
        if plain[0] not in self.cells:
            self._wrong(f"there is no cell {plain[0]}")

    def _get_bd_intf_pins(self, options: Options, plain: list[str]) -> None:
        self._interface(plain[0])

    def _interface(self, path: str) -> str:
        """Return an interface's mode, where its cell has it."""
        cell, _, name = path.removeprefix("/").partition("/")
        ip = self.cells.get(cell, "")
        if ip and ip == self.top and name in STREAMS:
            return STREAMS[name]
        if ip in IPS and name in IPS[ip].interfaces:
            return IPS[ip].interfaces[name].mode
        if name not in INTERFACES.get(ip, ()):
            self._wrong(f"there is no interface {path}")
        return ""

    def _connect_bd_intf_net(self, options: Options, plain: list[str]) -> None:
        paths = [path.removeprefix("interface:") for path in plain]
        modes = [self._interface(path) for path in paths]
        if sorted(modes) != ["master", "slave"]:
            self._wrong(f"{' and '.join(paths)} are {' and '.join(modes)}")

    def _apply_bd_automation(self, options: Options, plain: list[str]) -> None:
        rule = " ".join(options.get("-rule", ()))
        items = options.get("-config", ())
        if rule not in RULES or len(items) % 2:
            self._wrong(f"no automation is named {rule}, or its -config has no pairs")
            return
        given = dict(zip(items[::2], items[1::2], strict=True))
        for key in given.keys() - set(RULES[rule]):
            self._wrong(f"{rule} has no {key}")
        if rule.endswith(":axi4"):
            modes = [self._interface(given.get(end, "")) for end in ("Master", "Slave")]
            if modes[0] == "slave" or modes[1] == "master":
                self._wrong(f"{given['Master']} is no master, or {given['Slave']} no slave")
