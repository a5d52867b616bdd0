"""Emitted Verilog with its inner streams led out, so that a simulation sees which kernel is the first to err."""

from __future__ import annotations

from pathlib import Path

from codesign.files import write_text
from hw.design.design import BOUNDARY, Design, End
from hw.design.emit import ERROR_FLAG, TOP, wire_names
from hw.design.stream import Port


def tap(design: Design, rtl: Path) -> tuple[list[Path], dict[End, Port]]:
    """Write a top module with a port for every kernel's output, from the one that was emitted; change nothing else.

    A tap shows each word in the cycle in which it moves, and is not to be stalled.

    Args:
        design: as it was emitted.
        rtl: the folder it was emitted into; the top module is written into ``rtl/taps``.

    Returns:
        The Verilog files, and the ports of the taps, by the kernels' outputs in the order of the computation.
    """
    wires = wire_names(design)
    targets = design.targets()
    sources = [
        End(name, port)
        for name in design.order()
        for port in range(len(design.kernels[name].outputs))
        if targets[End(name, port)].instance != BOUNDARY
    ]
    taps = {source: _port(design, source, f"tap{number}") for number, source in enumerate(sources)}
    text = (rtl / f"{TOP}.sv").read_text()
    end = f"    output wire {ERROR_FLAG}\n);"
    declared = "".join(
        f"    output wire [{port.stream.word_bits - 1}:0] {port.name}_data,\n"
        f"    output wire {port.name}_valid,\n    input  wire {port.name}_ready,\n"
        for port in taps.values()
    )
    assigned = "".join(
        f"    assign {port.name}_data = {wires[source]}_data;\n"
        f"    assign {port.name}_valid = {wires[source]}_valid & {wires[source]}_ready;\n"
        for source, port in taps.items()
    )
    if end not in text or "\nendmodule" not in text:
        raise ValueError(f"{rtl / TOP}.sv is not a top module that was emitted")
    text = text.replace(end, declared + end).replace("\nendmodule", f"\n{assigned}endmodule")
    write_text(rtl / "taps" / f"{TOP}.sv", text)
    return [*(path for path in sorted(rtl.glob("*.sv")) if path.stem != TOP), rtl / "taps" / f"{TOP}.sv"], taps


def _port(design: Design, source: End, name: str) -> Port:
    port = design.source_port(source)
    return Port(name, port.stream, port.words)
