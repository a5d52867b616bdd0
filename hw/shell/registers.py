"""The register map: the one place that the RTL of every shell and the driver have it from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

MAGIC = 0x434F4453  # "CODS"
VERSION = 1


@dataclass(frozen=True)
class Field:
    """One bit of a register."""

    name: str
    bit: int
    meaning: str


@dataclass(frozen=True)
class Register:
    """A register of 32 bits.

    Attributes:
        name: in capitals; the RTL knows its index as ``REG_<name>``, and a field's bit as ``<name>_<field>``.
        index: a UART shell addresses it by this number, an AXI shell by four times this number.
        access: ``r`` or ``w``.
        meaning: for people.
        fields: single bits, where it is not one number.
    """

    name: str
    index: int
    access: str
    meaning: str
    fields: tuple[Field, ...] = ()


REGISTERS = (
    Register("MAGIC", 0, "r", f"always {MAGIC:#x}"),
    Register("BUILD", 1, "r", "hash of the build, as in the manifest"),
    Register("VERSION", 2, "r", f"version of this map: {VERSION}"),
    Register("CLOCK_HZ", 3, "r", "clock of the accelerator"),
    Register("FRAMES_IN", 4, "r", "frames whose last word the accelerator has taken, since they were cleared"),
    Register("FRAMES_OUT", 5, "r", "frames whose last word the accelerator has given, since they were cleared"),
    Register("CYCLES", 6, "r", "clock cycles since they were cleared, modulo 2**32"),
    Register(
        "ERRORS",
        7,
        "r",
        "what went wrong since they were cleared",
        (
            Field("FRAME", 0, "a frame was cut short or too long"),
            Field("CRC", 1, "a packet was damaged and ignored (UART)"),
            Field("DROPPED", 2, "a data packet came out of turn or found no room, and was ignored (UART)"),
            Field("STOP", 3, "a byte had no stop bit (UART)"),
            Field("WEIGHTS", 4, "a packet of weights was cut short, or came where none is to come (AXI)"),
        ),
    ),
    Register(
        "CONTROL",
        8,
        "w",
        "acts when written; only the lowest byte",
        (
            Field("CLEAR", 0, "set FRAMES_IN, FRAMES_OUT, CYCLES and ERRORS to 0"),
            Field("RESET", 1, "reset the accelerator, and empty the streams' buffers"),
        ),
    ),
    Register(
        "LOADED", 9, "r", "packets of weights that the accelerator has taken since its reset; 0 where it needs none"
    ),
)


def register(name: str) -> Register:
    """Return the register of that name."""
    return next(register for register in REGISTERS if register.name == name)


def header() -> str:
    """Return the map as a Verilog header of localparams, to be included inside a module."""
    lines = ["// The register map, generated from registers.py.", "// verilator lint_off UNUSEDPARAM"]
    lines += [f"localparam logic [31:0] MAGIC = 32'h{MAGIC:08x};", f"localparam logic [31:0] VERSION = 32'd{VERSION};"]
    for item in REGISTERS:
        lines.append(f"localparam logic [4:0] REG_{item.name} = 5'd{item.index};")
        lines += [f"localparam int unsigned {item.name}_{field.name} = {field.bit};" for field in item.fields]
    bits = max(field.bit for field in register("ERRORS").fields) + 1
    lines += [f"localparam int unsigned ERROR_BITS = {bits};", "// verilator lint_on UNUSEDPARAM"]
    return "\n".join(lines) + "\n"


def as_json() -> dict[str, Any]:
    """Return the map for the driver: ``{"magic", "version", "registers": {name: {"index", "access", "fields"}}}``."""
    return {
        "magic": MAGIC,
        "version": VERSION,
        "registers": {
            item.name: {
                "index": item.index,
                "access": item.access,
                "meaning": item.meaning,
                "fields": {field.name: field.bit for field in item.fields},
            }
            for item in REGISTERS
        },
    }
