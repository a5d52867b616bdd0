"""A Design as Verilog: the top module, the kernels' sources and the memories' contents, all in one folder."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from codesign.files import replacing, write_text
from hw.design.design import BOUNDARY, Design, End
from hw.design.loads import parameters as load_parameters
from hw.design.stream import Port
from hw.kernels.kernel import LOAD_BITS, Load

TOP = "accelerator"
ERROR_FLAG = "frame_error"


def emit(design: Design, directory: Path) -> list[Path]:
    """Write the design into ``directory`` and return the Verilog files, the top module's last.

    Memory files are named without a folder: a tool that reads the sources must run in ``directory``.
    """
    design.check()
    directory.mkdir(parents=True, exist_ok=True)
    sources: dict[str, Path] = {}
    for kernel in design.kernels.values():
        for path in kernel.sources():
            if sources.setdefault(path.name, path) != path:
                raise ValueError(f"two RTL files are named {path.name}")
    for name, kernel in design.kernels.items():
        for parameter, memory in kernel.memories().items():
            write_text(directory / _memory_file(name, parameter), memory.hex())
    for path in sources.values():
        with replacing(directory / path.name) as temporary:
            shutil.copyfile(path, temporary)
    write_text(directory / f"{TOP}.sv", top_module(design))
    return [directory / name for name in sorted(sources)] + [directory / f"{TOP}.sv"]


def top_module(design: Design, netlists: Mapping[str, str] | None = None) -> str:
    """Return the Verilog text of the module ``accelerator``.

    Args:
        design: the kernels and their streams.
        netlists: by instance, the module to instantiate in place of the kernel's: it has no parameters.
    """
    wires = wire_names(design)
    declared = [
        f"    wire [{design.source_port(source).stream.word_bits - 1}:0] {wire}_data;\n"
        f"    wire {wire}_valid, {wire}_ready;"
        for source, wire in wires.items()
        if wire not in ("s", "m")
    ]
    flags = [f"{name}_{flag}" for name, kernel in design.kernels.items() for flag in kernel.flags]
    declared += [f"    wire {flag};" for flag in flags]
    any_flag = " | ".join(flags) or "1'b0"
    chain = design.chain()
    bodies = [_instance(design, name, wires, chain, (netlists or {}).get(name)) for name in design.order()]
    return "\n".join(
        [
            f"// {design.name}: {len(design.kernels)} kernels, {design.interval} cycles a frame. Made by codesign.",
            "`default_nettype none",
            "",
            f"module {TOP} (",
            "    input  wire clk,",
            "    input  wire rst_n,",
            f"    input  wire [{design.input.stream.word_bits - 1}:0] s_data,",
            "    input  wire s_valid,",
            "    output wire s_ready,",
            f"    output wire [{design.output.stream.word_bits - 1}:0] m_data,",
            "    output wire m_valid,",
            "    input  wire m_ready,",
            *(_LOAD_PORT if chain else []),
            f"    output wire {ERROR_FLAG}",
            ");",
            *declared,
            *_chain_wires(chain),
            f"    assign {ERROR_FLAG} = {any_flag};",
            "",
            *bodies,
            "endmodule",
            "",
            "`default_nettype wire",
            "",
        ]
    )


def wire_names(design: Design) -> dict[End, str]:
    """Return the name of each stream's wires in the top module, by the stream's source."""
    wires = {source: f"w{index}" for index, source in enumerate(design.edges.values())}
    return wires | {End(BOUNDARY): "s", design.edges[End(BOUNDARY)]: "m"}


_LOAD_PORT = [
    f"    input  wire [{LOAD_BITS}:0] w_data,",
    "    input  wire w_valid,",
    "    output wire w_ready,",
]


def _chain_wires(chain: Mapping[str, Load]) -> list[str]:
    """The weight-load port's way from instance to instance: ``load0`` is the port, the last one leads nowhere."""
    if not chain:
        return []
    wires = [
        f"    wire [{LOAD_BITS}:0] load{index}_data;\n    wire load{index}_valid, load{index}_ready;"
        for index in range(len(chain) + 1)
    ]
    end = f"load{len(chain)}"
    return [
        *wires,
        "    assign {load0_data, load0_valid, w_ready} = {w_data, w_valid, load0_ready};",
        f"    assign {end}_ready = 1'b1;",
        f"    wire unused_{end} = &{{1'b0, {end}_data, {end}_valid}};",
    ]


def _instance(design: Design, name: str, wires: dict[End, str], chain: Mapping[str, Load], netlist: str | None) -> str:
    kernel = design.kernels[name]
    given = {**kernel.verilog_parameters(), **load_parameters(chain, name)}
    parameters = {key: str(value) if isinstance(value, int) else f'"{value}"' for key, value in given.items()}
    parameters |= {key: f'"{_memory_file(name, key)}"' for key in kernel.memories()}
    ends = [(port, wires[design.edges[End(name, i)]]) for i, port in enumerate(kernel.inputs)]
    ends += [(port, wires[End(name, i)]) for i, port in enumerate(kernel.outputs)]
    connections = [".clk(clk)", ".rst_n(rst_n)", *_connections(ends), *(f".{f}({name}_{f})" for f in kernel.flags)]
    if name in chain:
        place = list(chain).index(name)
        sides = (("w", place), ("n", place + 1))
        connections += [f".{p}_{s}(load{at}_{s})" for p, at in sides for s in ("data", "valid", "ready")]
    tensor = design.tensors.get(name)
    lines = [f"    // makes {tensor}"] if tensor else []
    values = ", ".join(f".{key}({value})" for key, value in parameters.items())
    lines.append(f"    {netlist} {name} (" if netlist else f"    {kernel.module} #({values}) {name} (")
    lines.append(",\n".join(f"        {connection}" for connection in connections))
    lines.append("    );\n")
    return "\n".join(lines)


def _connections(ends: list[tuple[Port, str]]) -> list[str]:
    """Ports of one name are one packed vector, the first in the lowest bits."""
    named: dict[str, list[str]] = {}
    for port, wire in ends:
        named.setdefault(port.name, []).append(wire)
    return [
        f".{name}_{signal}({_concatenated([f'{wire}_{signal}' for wire in reversed(group)])})"
        for name, group in named.items()
        for signal in ("data", "valid", "ready")
    ]


def _concatenated(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else "{" + ", ".join(parts) + "}"


def _memory_file(instance: str, parameter: str) -> str:
    return f"{instance}_{parameter.lower()}.hex"
