"""da4ml's Verilog on disk with streams at its ends, and its simulation by our own harness."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from codesign.errors import VerificationFailed
from codesign.files import write_text
from hw.da4ml.trace import Unrolled
from hw.design.stream import Port, Stream
from hw.sim import SimulationResult, Stalls, compile_simulator

LOGIC, TOP = "unrolled_logic", "unrolled"
"""Module of da4ml's, and ours around it."""


@dataclass(frozen=True)
class Lane:
    """Where an integer lies among da4ml's bits.

    Attributes:
        offset: its lowest bit.
        bits: how many it has; none where it is always 0.
        signed: two's complement.
        zeros: bits below, which are always 0 and left out.
    """

    offset: int
    bits: int
    signed: bool
    zeros: int


def write(unrolled: Unrolled, folder: Path) -> None:
    """Write the Verilog, da4ml's own project around it, and a top module with a stream at each end."""
    from da4ml.codegen import RTLModel

    RTLModel(unrolled.pipeline, LOGIC, folder, print_latency=False).write()
    write_text(folder / "src" / f"{TOP}.v", top(unrolled))


def ports(unrolled: Unrolled) -> tuple[Port, Port]:
    """A frame is one word at either end; the output's lanes are as wide as da4ml's widest."""
    t = unrolled.graph.tensors[unrolled.graph.input]
    lanes = _lanes(unrolled.pipeline.out_qint)
    signed = any(lane.signed for lane in lanes)
    bits = max(lane.bits + lane.zeros + (signed and not lane.signed) for lane in lanes)
    source = Stream(int(np.prod(t.shape)), t.bits, t.signed)
    return Port("s", source, 1), Port("m", Stream(len(lanes), max(bits, 1), signed), 1)


def top(unrolled: Unrolled) -> str:
    """Verilog of the top module: a frame goes in each cycle, and da4ml's registers cannot be stopped by the output."""
    source, sink = ports(unrolled)
    ins, outs = _lanes(unrolled.pipeline.inp_qint), _lanes(unrolled.pipeline.out_qint)
    taken = [f"s_data[{i * source.stream.bits} +: {lane.bits}]" for i, lane in enumerate(ins) if lane.bits]
    shown = [_shown(lane, sink.stream.bits) for lane in outs]
    width_in, width_out = (sum(lane.bits for lane in lanes) for lanes in (ins, outs))
    return f"""// {unrolled.graph.name}, unrolled: {unrolled.latency} cycles from frame to output, a frame a cycle.
module {TOP} (
    input  wire clk,
    input  wire rst_n,
    input  wire [{source.stream.word_bits - 1}:0] s_data,
    input  wire s_valid,
    output wire s_ready,
    output wire [{sink.stream.word_bits - 1}:0] m_data,
    output wire m_valid,
    input  wire m_ready
);
    wire [{width_in - 1}:0] taken = {{{", ".join(reversed(taken))}}};
    wire [{width_out - 1}:0] made;
    reg [{unrolled.latency - 1}:0] valid;
    {LOGIC} made_by_da4ml (.clk(clk), .model_inp(taken), .model_out(made));
    always @(posedge clk) valid <= rst_n ? {{valid[{unrolled.latency - 2}:0], s_valid}} : 0;
    assign s_ready = 1'b1;
    assign m_valid = valid[{unrolled.latency - 1}];
    assign m_data = {{1'b1, {", ".join(reversed(shown))}}};
endmodule
"""


def _lanes(intervals: list[Any]) -> list[Lane]:
    """da4ml packs its integers without gaps, the first lowest, each in the bits that its range needs."""
    from da4ml.types import minimal_kif

    lanes, offset = [], 0
    for interval in intervals:
        signed, above, below = minimal_kif(interval)
        if below > 0:
            raise VerificationFailed(f"da4ml made a fraction of {below} bits where there are integers only.")
        lanes.append(Lane(offset, int(signed) + above + below, bool(signed), -below))
        offset += lanes[-1].bits
    return lanes


def _shown(lane: Lane, bits: int) -> str:
    """An integer in a lane of the output stream: its sign or zeros above, the zeros that were left out below."""
    if not lane.bits:
        return f"{{{bits}{{1'b0}}}}"
    above = bits - lane.bits - lane.zeros
    fill = f"made[{lane.offset + lane.bits - 1}]" if lane.signed else "1'b0"
    parts = [f"{{{above}{{{fill}}}}}"] if above > 0 else []
    parts.append(f"made[{lane.offset} +: {lane.bits}]")
    parts += [f"{lane.zeros}'b0"] if lane.zeros else []
    return f"{{{', '.join(parts)}}}"


def simulate(unrolled: Unrolled, folder: Path, x: np.ndarray, stalls: float, seed: int) -> SimulationResult:
    """Run the frames ``x`` (int64 [N, *shape]) through what was written, with random gaps between them.

    Raises:
        MissingTool: without Verilator or a C++ compiler.
        ToolFailed: where one of them refuses.
        VerificationFailed: a frame is lost.
    """
    source, sink = ports(unrolled)
    files = [folder / "src" / f"{TOP}.v", *sorted((folder / "src").glob(f"{LOGIC}*.v"))]
    files = [path for path in files if path.stem != f"{LOGIC}_wrapper"] + sorted((folder / "src/static").glob("*.v"))
    memories = folder / "src/memfiles"
    simulator = compile_simulator(TOP, files, [source], [sink], data=memories, optimise=False)
    words = x.reshape(len(x), 1, -1)
    return simulator.run([words], stalls=Stalls(stalls, 4, seed, outputs=False), drain=unrolled.latency)


def split(unrolled: Unrolled, outputs: np.ndarray) -> dict[str, np.ndarray]:
    """Each shown tensor's integers (int64 [N, *shape]) from the words of the output."""
    flat, found, start = outputs.reshape(len(outputs), -1), {}, 0
    for name in unrolled.shown:
        shape = unrolled.graph.tensors[name].shape
        stop = start + int(np.prod(shape))
        found[name] = flat[:, start:stop].reshape(len(flat), *shape)
        start = stop
    return found
