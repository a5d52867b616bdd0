"""Proof of the FIFO: both forms of memory, addresses that wrap by themselves and others."""

from pathlib import Path

from hw.formal.proof import Mutation, Proof
from hw.kernels.stream_fifo.kernel import StreamFifo

PROOFS = (
    Proof(
        harness=Path(__file__).with_name("stream_fifo_formal.sv"),
        rtl=StreamFifo.sources(),
        cases=(
            {"FORM": "lut", "DEPTH": 3, "LATENCY": 2},
            {"FORM": "lut", "DEPTH": 4, "LATENCY": 2},
            {"FORM": "lut", "DEPTH": 5, "LATENCY": 2},
            {"FORM": "block", "DEPTH": 4, "LATENCY": 3},
            {"FORM": "block", "DEPTH": 5, "LATENCY": 3},
            {"FORM": "block", "DEPTH": 6, "LATENCY": 3},
        ),
        mutations=(
            Mutation("a full FIFO takes a word", "stream_fifo.sv", "s_ready = !same || !grew", "s_ready = 1'b1"),
            Mutation("equal addresses mean empty", "stream_fifo.sv", "filled  = !same || grew", "filled  = !same"),
            Mutation(
                "an address runs one too far", "stream_fifo.sv", "END = ADDRESS_BITS'(WORDS - 1)",
                "END = ADDRESS_BITS'(WORDS)", case=1,
            ),
            Mutation(
                "data changes while it waits (lut)", "stream_fifo.sv",
                "if (show) m_data <= mem[read_address]", "m_data <= mem[read_address]",
            ),
            Mutation(
                "a word is read over one that waits (block)", "stream_fifo.sv",
                "filled && (!word_valid || show)", "filled", case=3,
            ),
            Mutation(
                "a word shows twice (block)", "stream_fifo.sv",
                "filled || (word_valid && !show)", "filled || word_valid", case=3,
            ),
        ),
    ),
)  # fmt: skip
