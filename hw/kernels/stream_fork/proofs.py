"""Proof of the fork: two copies and three."""

from pathlib import Path

from hw.formal.proof import Mutation, Proof
from hw.kernels.stream_fork.kernel import StreamFork

FILE = "stream_fork.sv"

PROOFS = (
    Proof(
        harness=Path(__file__).with_name("stream_fork_formal.sv"),
        rtl=StreamFork.sources(),
        cases=({"COPIES": 2, "WORD_BITS": 2}, {"COPIES": 3, "WORD_BITS": 2}, {"COPIES": 4, "WORD_BITS": 1}),
        mutations=(
            Mutation("a copy that waits is forgotten", FILE, "s_ready = ~|waiting", "s_ready = ~&waiting"),
            Mutation("a stalled copy loses the word", FILE, "stalled & (waiting | {COPIES{take}})",
                     "stalled & waiting"),
            Mutation("a copy gets the word twice", FILE, "stalled & (waiting | {COPIES{take}})",
                     "(stalled & {COPIES{take}}) | waiting"),
            Mutation("data changes while it waits", FILE, "if (!stalled[i]) m_data", "m_data"),
        ),
    ),
)  # fmt: skip
