"""Judges the calls of a dry run against the vocabulary, and the block design that they make."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hw.synth.vivado_project import vocabulary
from hw.synth.vivado_project.vocabulary import COMMANDS, IPS, PROPERTIES, READ_PROPERTIES, RULES, RUN_STEPS, Ip


@dataclass(frozen=True)
class Call:
    """A call as the script made it: its arguments' texts, and each text's elements as a Tcl list."""

    line: int
    command: str
    arguments: tuple[str, ...]
    elements: tuple[tuple[str, ...], ...]


@dataclass
class Cell:
    """A cell of the block design: the IP's name, what it declares, and its properties."""

    name: str
    ip: Ip
    config: dict[str, str]
    automated: bool = False


@dataclass
class Judge:
    """Follows the calls in order; ``problems`` holds what is wrong, with the script's line.

    Attributes:
        problems: sentences.
        script: name of the script, for the sentences.
    """

    script: str
    problems: list[str] = field(default_factory=list)
    files: dict[str, Path] = field(default_factory=dict)
    memories: set[str] = field(default_factory=set)
    designs: set[str] = field(default_factory=set)
    cells: dict[str, Cell] = field(default_factory=dict)
    nets: list[set[str]] = field(default_factory=list)
    links: dict[str, str] = field(default_factory=dict)
    addresses: dict[str, list[tuple[int, int, str]]] = field(default_factory=dict)
    done: set[str] = field(default_factory=set)
    _line: int = 0

    def follow(self, calls: Sequence[Call]) -> None:
        """Judge all calls."""
        for call in calls:
            self._line = call.line
            command = COMMANDS.get(call.command)
            if command is None:
                self._wrong(f"{call.command} is not a command of the vocabulary")
                continue
            options, plain = self._parsed(call, command)
            handler = getattr(self, "_" + call.command.replace("::", "_"), None)
            if handler and plain is not None:
                handler(options, plain)
            self.done.add(call.command)

    def _wrong(self, what: str) -> None:
        self.problems.append(f"{self.script}:{self._line}: {what}")

    def _parsed(self, call: Call, command: vocabulary.Command) -> tuple[dict[str, tuple[str, ...]], list[str] | None]:
        """Return the options with their values as lists, and the plain arguments, None where they cannot be right."""
        options, plain, index = dict[str, tuple[str, ...]](), list[str](), 0
        while index < len(call.arguments):
            text = call.arguments[index]
            index += 1
            if not re.match(r"-[a-z]", text):
                plain.append(text)
            elif text not in command.options:
                self._wrong(f"{call.command} has no option {text}")
            elif command.options[text] and index == len(call.arguments):
                self._wrong(f"{call.command} {text} lacks its value")
                return options, None
            else:
                options[text] = call.elements[index] if command.options[text] else ()
                index += command.options[text]
        low, high = command.plain
        if not low <= len(plain) <= high:
            self._wrong(f"{call.command} takes {low} to {high} plain arguments, not {len(plain)}: {' '.join(plain)}")
            return options, None
        return options, plain

    # ---- project -------------------------------------------------------------------------------------------------
    def _create_project(self, options: dict[str, tuple[str, ...]], plain: list[str]) -> None:
        if not re.fullmatch(r"xc\w+-?\w+-[\w-]+", " ".join(options.get("-part", ()))):
            self._wrong(f"create_project has no part, or one that is none: {' '.join(options.get('-part', ()))!r}")

    def _add_files(self, options: dict[str, tuple[str, ...]], plain: list[str]) -> None:
        path = Path(plain[0])
        if not path.is_file():
            self._wrong(f"there is no file {path.name}")
        elif path.suffix not in (".sv", ".v", ".hex"):
            self._wrong(f"{path.name} is no source that the project takes")
        self.files[plain[0]] = path

    def _get_files(self, options: dict[str, tuple[str, ...]], plain: list[str]) -> None:
        if plain[0] not in self.files and plain[0] not in {f"{name}.bd" for name in self.designs}:
            self._wrong(f"the project has no file {plain[0]}")

    def _set_property(self, options: dict[str, tuple[str, ...]], plain: list[str]) -> None:
        target = plain[-1]
        if "-dict" in options:
            items = options["-dict"]
            if len(items) % 2 or len(plain) != 1:
                self._wrong("set_property -dict needs pairs of a property and its value, and one object")
                return
            pairs = list(zip(items[::2], items[1::2], strict=True))
        elif len(plain) == 3:
            pairs = [(plain[0], plain[1])]
        else:
            self._wrong("set_property takes a property, its value and an object")
            return
        for name, value in pairs:
            if target.startswith("cell:"):
                self._configure(target, name, value)
            else:
                self._set(target, name, value)

    def _set(self, target: str, name: str, value: str) -> None:
        owner, allowed, _ = PROPERTIES.get(name, ("", "", ""))
        if not owner or not target.startswith(owner + ":"):
            self._wrong(f"{target or 'nothing'} has no property {name}")
        elif not re.fullmatch(allowed, value):
            self._wrong(f"{name} must be {allowed}, not {value!r}")
        elif name == "file_type":
            self.memories.add(Path(target.partition(":")[2]).name)
        elif name == "top" and value not in {f"{design}_wrapper" for design in self.designs}:
            self._wrong(f"no wrapper is named {value}")

    def _get_property(self, options: dict[str, tuple[str, ...]], plain: list[str]) -> None:
        owner, _ = READ_PROPERTIES.get(plain[0], ("", ""))
        if not owner or not plain[1].startswith(owner + ":"):
            self._wrong(f"{plain[1] or 'nothing'} has no property {plain[0]}")

    def _create_bd_design(self, options: dict[str, tuple[str, ...]], plain: list[str]) -> None:
        self.designs.add(plain[0])

    # ---- cells ---------------------------------------------------------------------------------------------------
    def _create_bd_cell(self, options: dict[str, tuple[str, ...]], plain: list[str]) -> None:
        kind, name = " ".join(options.get("-type", ())), plain[0]
        if name in self.cells:
            self._wrong(f"a cell {name} is there already")
        if kind == "ip":
            vlnv = " ".join(options.get("-vlnv", ())).split(":")
            if len(vlnv) < 3 or vlnv[2] not in IPS:
                self._wrong(f"{':'.join(vlnv)} is no IP of the vocabulary")
                return
            ip = IPS[vlnv[2]]
            self.cells[name] = Cell(vlnv[2], ip, {key: default for key, (_, default, _) in ip.properties.items()})
        elif kind == "module":
            module = " ".join(options.get("-reference", ()))
            text = next((t for t in self._texts(".v") if re.search(rf"^module {module}\b", t, re.MULTILINE)), "")
            if not text:
                self._wrong(f"no plain Verilog file of the project has a module {module}")
                return
            self.cells[name] = Cell(module, vocabulary.module_ip(text), {})
            if "update_compile_order" not in self.done:
                self._wrong(f"the compile order is not up to date when the module {module} is referenced")
        else:
            self._wrong(f"create_bd_cell -type must be ip or module, not {kind!r}")

    def _texts(self, *suffixes: str) -> Iterator[str]:
        for path in self.files.values():
            if path.suffix in suffixes and path.is_file():
                yield path.read_text()

    def _get_bd_cells(self, options: dict[str, tuple[str, ...]], plain: list[str]) -> None:
        if plain[0] not in self.cells:
            self._wrong(f"there is no cell {plain[0]}")

    def _configure(self, target: str, name: str, value: str) -> None:
        cell = self.cells.get(target.partition(":")[2])
        if cell is None:
            return
        key = name.removeprefix("CONFIG.")
        if key == name or key not in cell.ip.properties:
            self._wrong(f"{cell.name} has no property {name}")
            return
        allowed = cell.ip.properties[key][0]
        if not re.fullmatch(allowed, value):
            self._wrong(f"{cell.name}'s {key} must match {allowed}, not {value!r}")
            return
        cell.config[key] = value

    def _apply_bd_automation(self, options: dict[str, tuple[str, ...]], plain: list[str]) -> None:
        rule, config = " ".join(options.get("-rule", ())), options.get("-config", ())
        ip, keys, _ = RULES.get(rule, ("", (), ""))
        cell = self.cells.get(plain[0].partition(":")[2])
        if not ip or cell is None or cell.name != ip:
            self._wrong(f"the rule {rule!r} is not one for {cell.name if cell else plain[0]}")
            return
        for key in config[::2]:
            if key not in keys:
                self._wrong(f"the rule {rule} knows no {key}")
        cell.automated = True
        if ip == "zynq_ultra_ps_e":  # what boards' presets leave on
            cell.config |= {"PSU__USE__M_AXI_GP0": "1", "PSU__USE__M_AXI_GP1": "1", "PSU__FPGA_PL0_ENABLE": "1"}

    # ---- connections ---------------------------------------------------------------------------------------------
    def _get_bd_pins(self, options: dict[str, tuple[str, ...]], plain: list[str]) -> None:
        self._look_up("pin", plain[0])

    def _get_bd_intf_pins(self, options: dict[str, tuple[str, ...]], plain: list[str]) -> None:
        self._look_up("interface", plain[0])

    def _look_up(self, what: str, path: str) -> vocabulary.Pin | vocabulary.Interface | None:
        """Return the pin or interface of that path; a problem where the cell, as configured so far, has none."""
        owner, _, name = path.partition("/")
        cell = self.cells.get(owner)
        if cell is None:
            self._wrong(f"there is no cell {owner}")
            return None
        declared = cell.ip.pins if what == "pin" else cell.ip.interfaces
        found = declared.get(name)
        if found is None or not found.exists(cell.config):
            there = [key for key, value in declared.items() if value.exists(cell.config)]
            self._wrong(f"{owner} ({cell.name}) has no {what} {name}; it has {', '.join(there)}")
            return None
        return found

    def _connect_bd_net(self, options: dict[str, tuple[str, ...]], plain: list[str]) -> None:
        paths = [handle.removeprefix("pin:") for handle in plain]
        if not all(handle.startswith("pin:") for handle in plain):
            self._wrong(f"connect_bd_net connects pins, not {' and '.join(plain)}")
            return
        before = len(self.problems)
        pins = [self._look_up("pin", path) for path in paths]
        if None in pins:
            del self.problems[before:]  # said already where the pin was looked up
            return
        if len({pin.kind for pin in pins if isinstance(pin, vocabulary.Pin)}) > 1:
            self._wrong(f"{paths[0]} and {paths[1]} are a clock and a reset")
        nets = [next((net for net in self.nets if path in net), {path}) for path in paths]
        if nets[0] is nets[1]:
            self._wrong(f"{paths[0]} and {paths[1]} are connected already")
            return
        joined = nets[0] | nets[1]
        self.nets = [net for net in self.nets if net not in nets] + [joined]
        drivers = sorted(path for path in joined if self._is_output(path))
        if len(drivers) > 1:
            self._wrong(f"{' and '.join(drivers)} drive one net")

    def _is_output(self, path: str) -> bool:
        owner, _, name = path.partition("/")
        return self.cells[owner].ip.pins[name].direction == "O"

    def _connect_bd_intf_net(self, options: dict[str, tuple[str, ...]], plain: list[str]) -> None:
        paths = [handle.removeprefix("interface:") for handle in plain]
        if not all(handle.startswith("interface:") for handle in plain):
            self._wrong(f"connect_bd_intf_net connects interfaces, not {' and '.join(plain)}")
            return
        before = len(self.problems)
        one, two = (self._look_up("interface", path) for path in paths)
        if not isinstance(one, vocabulary.Interface) or not isinstance(two, vocabulary.Interface):
            del self.problems[before:]
            return
        for path in paths:
            if path in self.links:
                self._wrong(f"{path} is connected already, to {self.links[path]}")
        if one.mode == two.mode:
            self._wrong(f"{paths[0]} and {paths[1]} are both {one.mode}s")
        if one.protocol != two.protocol:
            self._wrong(f"{paths[0]} is {one.protocol}, {paths[1]} is {two.protocol}")
        self.links |= {paths[0]: paths[1], paths[1]: paths[0]}

    # ---- addresses -----------------------------------------------------------------------------------------------
    def _get_bd_addr_spaces(self, options: dict[str, tuple[str, ...]], plain: list[str]) -> None:
        owner, _, name = plain[0].partition("/")
        cell = self.cells.get(owner)
        master = cell.ip.interfaces.get(cell.ip.spaces.get(name, "")) if cell else None
        if cell is None or master is None or not master.exists(cell.config):
            self._wrong(f"there is no address space {plain[0]}")

    def _get_bd_addr_segs(self, options: dict[str, tuple[str, ...]], plain: list[str]) -> None:
        owner, _, name = plain[0].partition("/")
        if owner not in self.cells or name not in self.cells[owner].ip.segments:
            self._wrong(f"there is no address segment {plain[0]}")

    def _assign_bd_address(self, options: dict[str, tuple[str, ...]], plain: list[str]) -> None:
        space = "".join(options.get("-target_address_space", ())).removeprefix("space:")
        segment = plain[0].removeprefix("segment:")
        try:
            offset, length = (int("".join(options[name]), 0) for name in ("-offset", "-range"))
        except (KeyError, ValueError):
            self._wrong("assign_bd_address needs -offset and -range as numbers")
            return
        if length <= 0 or length & (length - 1) or offset % length:
            self._wrong(f"{offset:#x} is no multiple of the range {length:#x}, or that is no power of two")
        for start, size, other in self.addresses.setdefault(space, []):
            if start < offset + length and offset < start + size:
                self._wrong(f"{segment} and {other} overlap in {space}")
        if segment not in self._reachable(space):
            self._wrong(f"{segment} is not reached from {space}")
        self.addresses[space].append((offset, length, segment))

    def _reachable(self, space: str) -> set[str]:
        """Return the segments behind the slaves that a space's master reaches."""
        owner, _, name = space.partition("/")
        cell = self.cells.get(owner)
        if cell is None or name not in cell.ip.spaces:
            return set()
        found, seen, masters = set[str](), set[str](), [f"{owner}/{cell.ip.spaces[name]}"]
        while masters:
            slave = self.links.get(masters.pop(), "")
            target, _, port = slave.partition("/")
            if not slave or slave in seen:
                continue
            seen.add(slave)
            ip = self.cells[target].ip
            found |= {f"{target}/{segment}" for segment, behind in ip.segments.items() if behind == port}
            if self.cells[target].name == "smartconnect":
                masters += [f"{target}/{key}" for key, value in ip.interfaces.items() if value.mode == "master"]
        return found

    # ---- the whole -----------------------------------------------------------------------------------------------
    def _validate_bd_design(self, options: dict[str, tuple[str, ...]], plain: list[str]) -> None:
        for name, cell in self.cells.items():
            if cell.name == "processing_system7" and not cell.automated:
                self._wrong(f"{name}'s DDR and FIXED_IO go nowhere: its automation rule was not applied")
            for pin, declared in cell.ip.pins.items():
                net = next((net for net in self.nets if f"{name}/{pin}" in net), set())
                needed = declared.direction == "I" and declared.exists(cell.config) and not declared.optional
                if needed and not any(self._is_output(path) for path in net):
                    self._wrong(f"nothing drives {name}/{pin}")
            for port, interface in cell.ip.interfaces.items():
                if interface.exists(cell.config) and f"{name}/{port}" not in self.links:
                    self._wrong(f"{name}/{port} is not connected")
                elif interface.protocol == "axis" and interface.exists(cell.config) and interface.mode == "master":
                    self._compare_widths(f"{name}/{port}", self.links[f"{name}/{port}"])
            for space in cell.ip.spaces:
                assigned = {segment for _, _, segment in self.addresses.get(f"{name}/{space}", [])}
                for segment in sorted(self._reachable(f"{name}/{space}") - assigned):
                    self._wrong(f"{segment} has no address in {name}/{space}")

    def _compare_widths(self, *paths: str) -> None:
        widths = []
        for path in paths:
            owner, _, name = path.partition("/")
            width = self.cells[owner].ip.interfaces[name].width
            widths.append(self.cells[owner].config.get(width, width))
        if len(set(widths)) > 1:
            self._wrong(f"{paths[0]} is {widths[0]} bits wide, {paths[1]} {widths[1]}")

    def _generate_target(self, options: dict[str, tuple[str, ...]], plain: list[str]) -> None:
        for step in ("validate_bd_design", "save_bd_design"):
            if step not in self.done:
                self._wrong(f"the block design is generated before {step}")

    def _launch_runs(self, options: dict[str, tuple[str, ...]], plain: list[str]) -> None:
        step = " ".join(options.get("-to_step", ()))
        if plain[0] not in ("synth_1", "impl_1"):
            self._wrong(f"there is no run {plain[0]}")
        if step and step not in RUN_STEPS:
            self._wrong(f"impl_1 has no step {step}")
        if "generate_target" not in self.done or "make_wrapper" not in self.done:
            self._wrong("a run is launched before the block design and its wrapper are made")
        if "launch_runs" not in self.done:
            self._check_memories()

    def _check_memories(self) -> None:
        asked = {name for text in self._texts(".sv", ".v") for name in re.findall(r'"([^"\s]+\.hex)"', text)}
        for name in sorted(asked - {path.name for path in self.files.values()}):
            self._wrong(f"the sources read {name}, which the project does not have")
        for name in sorted({path.name for path in self.files.values() if path.suffix == ".hex"} - self.memories):
            self._wrong(f"{name} is not marked as a memory file")

    def _wait_on_run(self, options: dict[str, tuple[str, ...]], plain: list[str]) -> None:
        if "launch_runs" not in self.done:
            self._wrong(f"{plain[0]} is waited for but not launched")
