"""A generated top: a kernel with a ``frame_guard`` at each of its inputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hw.design.stream import Port
from hw.kernels.frame_guard.kernel import FrameGuard
from hw.kernels.kernel import Kernel


def guarded_top(kernel: Kernel, parameters: Mapping[str, int | str]) -> str:
    """Return the Verilog of module ``guarded_<kernel>``, whose flag ``frame_error_<i>`` is that of input ``i``."""
    ports = [
        "input  wire clk",
        "input  wire rst_n",
        *(line for name, group in _groups(kernel.inputs) for line in _declare(name, group, "input ", "output")),
        *(line for name, group in _groups(kernel.outputs) for line in _declare(name, group, "output", "input ")),
        *(f"output wire frame_error_{i}" for i in range(len(kernel.inputs))),
    ]
    names = [*dict.fromkeys(port.name for port in (*kernel.inputs, *kernel.outputs))]
    inputs = {port.name for port in kernel.inputs}
    connections = [".clk(clk)", ".rst_n(rst_n)"]
    for name in names:
        inner = f"guarded_{name}" if name in inputs else name
        connections += [f".{name}_{part}({inner}_{part})" for part in ("data", "valid", "ready")]
    values = ", ".join(f'.{k}("{v}")' if isinstance(v, str) else f".{k}({v})" for k, v in parameters.items())
    return "\n".join(
        [
            f"module guarded_{kernel.module} (",
            ",\n".join(f"    {port}" for port in ports),
            ");",
            *_guards(kernel),
            f"    {kernel.module} #({values}) kernel ({', '.join(connections)});",
            "endmodule",
            "",
        ]
    )


def _groups(ports: Sequence[Port]) -> list[tuple[str, list[Port]]]:
    """Return the ports of each name, in order: they are one packed vector."""
    return [(name, [p for p in ports if p.name == name]) for name in dict.fromkeys(p.name for p in ports)]


def _bits(group: Sequence[Port]) -> int:
    return sum(port.stream.word_bits for port in group)


def _declare(name: str, group: Sequence[Port], forward: str, backward: str) -> list[str]:
    return [
        f"{forward} wire [{_bits(group) - 1}:0] {name}_data",
        f"{forward} wire [{len(group) - 1}:0] {name}_valid",
        f"{backward} wire [{len(group) - 1}:0] {name}_ready",
    ]


def _guards(kernel: Kernel) -> list[str]:
    lines, number = [], 0
    for name, group in _groups(kernel.inputs):
        lines.append(f"    wire [{_bits(group) - 1}:0] guarded_{name}_data;")
        lines.append(f"    wire [{len(group) - 1}:0] guarded_{name}_valid, guarded_{name}_ready;")
        offset = 0
        for index, port in enumerate(group):
            guard = FrameGuard(port.stream, port.words)
            values = ", ".join(f".{k}({v})" for k, v in guard.verilog_parameters().items())
            part = f"[{offset} +: {port.stream.word_bits}]"
            lines.append(
                f"    {guard.module} #({values}) guard_{number} ("
                f".clk(clk), .rst_n(rst_n), .frame_error(frame_error_{number}),"
                f" .s_data({name}_data{part}), .s_valid({name}_valid[{index}]), .s_ready({name}_ready[{index}]),"
                f" .m_data(guarded_{name}_data{part}), .m_valid(guarded_{name}_valid[{index}]),"
                f" .m_ready(guarded_{name}_ready[{index}]));"
            )
            offset += port.stream.word_bits
            number += 1
    return lines
