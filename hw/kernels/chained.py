"""A generated top: kernels in a weight-load chain, side by side, each with its own streams."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from hw.design.loads import LoadPackets, packets, parameters
from hw.design.stream import Port
from hw.kernels.kernel import LOAD_BITS, Kernel, Load
from hw.sim import Simulator, compile_simulator

TOP = "chained_kernels"
SURPLUS = "load_surplus"
"""Flag: a word that no kernel took left the chain."""
MARGIN = 4
"""Cycles from the last of the words that the streams wait for to when they are let in."""


@contextmanager
def chain(kernels: Sequence[Kernel], wait: int = 0, behavioural: bool = False) -> Iterator[Simulator]:
    """Compile kernels in a chain for simulation.

    Args:
        kernels: in the chain's order.
        wait: words that come through the weight-load port, and then ``MARGIN`` cycles, before streams' words are let
            in.
        behavioural: in the form that whole designs are simulated in, where they have one.
    """
    loads = _loads(kernels)
    given = [{**kernel.verilog_parameters(), **parameters(loads, str(i))} for i, kernel in enumerate(kernels)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for i, kernel in enumerate(kernels):
            for memory, contents in kernel.memories().items():
                given[i][memory] = f"{i}_{memory}.hex"
                (folder / f"{i}_{memory}.hex").write_text(contents.hex())
        (folder / f"{TOP}.sv").write_text(chained_top(kernels, given, wait))
        sources = dict.fromkeys(source for kernel in kernels for source in kernel.sources())
        yield compile_simulator(
            TOP,
            [*sources, folder / f"{TOP}.sv"],
            [port for kernel in kernels for port in kernel.inputs],
            [port for kernel in kernels for port in kernel.outputs],
            data=folder,
            flags=[SURPLUS],
            optimise=False,
            behavioural=behavioural,
            load=packets_of(kernels),
        )


def packets_of(kernels: Sequence[Kernel]) -> LoadPackets:
    """Return what goes into the weight-load port of ``chain``."""
    return packets(_loads(kernels))


def _loads(kernels: Sequence[Kernel]) -> dict[str, Load]:
    return {str(i): load for i, kernel in enumerate(kernels) if (load := kernel.load()) is not None}


def chained_top(kernels: Sequence[Kernel], parameters: Sequence[Mapping[str, int | str]], wait: int = 0) -> str:
    """Return the Verilog of module ``chained_kernels``.

    Ports of one name are one packed vector, kernel by kernel.

    Args:
        kernels: in the chain's order.
        parameters: of each, memory files among them.
        wait: words that come through the weight-load port, and then ``MARGIN`` cycles, before streams' words are let
            in.
    """
    inputs, outputs = ([port for k in kernels for port in getattr(k, side)] for side in ("inputs", "outputs"))
    ports = [
        "input wire clk",
        "input wire rst_n",
        *_declared(inputs, "input", "output"),
        *_declared(outputs, "output", "input"),
        f"input wire [{LOAD_BITS}:0] w_data",
        "input wire w_valid",
        "output wire w_ready",
        f"output wire {SURPLUS}",
    ]
    end = len(kernels)
    places = _Places()
    return "\n".join(
        [
            f"module {TOP} ({', '.join(ports)});",
            *(f"wire [{LOAD_BITS}:0] load{i}_data; wire load{i}_valid, load{i}_ready;" for i in range(end + 1)),
            "assign {load0_data, load0_valid, w_ready} = {w_data, w_valid, load0_ready};",
            f"assign {{load{end}_ready, {SURPLUS}}} = {{1'b1, load{end}_valid}};",
            f"localparam int WAIT = {wait};",
            "int come, cycles;",
            f"wire open = come == WAIT && (WAIT == 0 || cycles == {MARGIN});",
            "always_ff @(posedge clk) begin",
            "  if (!rst_n) begin come <= 0; cycles <= 0; end",
            "  else if (come < WAIT) come <= come + int'(w_valid && w_ready);",
            f"  else if (cycles < {MARGIN}) cycles <= cycles + 1;",
            "end",
            *(_instance(i, k, values, places) for i, (k, values) in enumerate(zip(kernels, parameters, strict=True))),
            "endmodule",
            "",
        ]
    )


class _Places:
    """Where the next port of each name lies in its vector: bit and index."""

    def __init__(self) -> None:
        self._next: dict[str, tuple[int, int]] = {}

    def take(self, name: str, ports: Sequence[Port]) -> tuple[str, str]:
        """Return the parts of the data's, and of valid's and ready's vectors that a kernel's ports of a name take."""
        bit, index = self._next.get(name, (0, 0))
        bits = sum(port.stream.word_bits for port in ports)
        self._next[name] = bit + bits, index + len(ports)
        return f"[{bit} +: {bits}]", f"[{index} +: {len(ports)}]"


def _declared(ports: Sequence[Port], forward: str, backward: str) -> list[str]:
    lines = []
    for name in dict.fromkeys(port.name for port in ports):
        group = [port for port in ports if port.name == name]
        lines.append(f"{forward} wire [{sum(port.stream.word_bits for port in group) - 1}:0] {name}_data")
        lines.append(f"{forward} wire [{len(group) - 1}:0] {name}_valid")
        lines.append(f"{backward} wire [{len(group) - 1}:0] {name}_ready")
    return lines


def _instance(index: int, kernel: Kernel, values: Mapping[str, int | str], places: _Places) -> str:
    lines, connections = [], [".clk(clk)", ".rst_n(rst_n)"]
    for name in dict.fromkeys(port.name for port in (*kernel.inputs, *kernel.outputs)):
        given = [port for port in kernel.inputs if port.name == name]
        group = given or [port for port in kernel.outputs if port.name == name]
        data, flags = places.take(name, group)
        valid, ready = f"{name}_valid{flags}", f"{name}_ready{flags}"
        if given:  # nothing is taken before the gate opens
            inner, many = f"{name}{index}_ready", f"{{{len(group)}{{open}}}}"
            lines += [f"wire [{len(group) - 1}:0] {inner};", f"assign {ready} = {inner} & {many};"]
            valid, ready = f"{valid} & {many}", inner
        connections += [f".{name}_data({name}_data{data})", f".{name}_valid({valid})", f".{name}_ready({ready})"]
    for name, at in (("w", index), ("n", index + 1)):
        connections += [f".{name}_{signal}(load{at}_{signal})" for signal in ("data", "valid", "ready")]
    settings = ", ".join(f'.{k}("{v}")' if isinstance(v, str) else f".{k}({v})" for k, v in values.items())
    return "\n".join([*lines, f"{kernel.module} #({settings}) kernel{index} ({', '.join(connections)});"])
