"""Proof of the concatenation: turns of one word and of several."""

from pathlib import Path

from hw.formal.proof import Mutation, Proof
from hw.kernels.stream_concat.kernel import StreamConcat

FILE = "stream_concat.sv"

PROOFS = (
    Proof(
        harness=Path(__file__).with_name("stream_concat_formal.sv"),
        rtl=StreamConcat.sources(),
        cases=({"A": 1, "B": 1}, {"A": 1, "B": 3}, {"A": 3, "B": 1}, {"A": 3, "B": 2}),
        mutations=(
            Mutation("a turn is one word too long", FILE, "C'(A - 1))", "C'(A))", case=3),
            Mutation("both inputs are ready", FILE, "s0_ready = !spare_full && !second", "s0_ready = !spare_full"),
            Mutation("the spare is given again and again", FILE, "stalled && (spare_full || take)",
                     "spare_full || (stalled && take)"),
            Mutation("the first input's last ends the frame", FILE, "second && s1_data[LANES*Y_BITS]",
                     "second ? s1_data[LANES*Y_BITS] : s0_data[LANES*X_BITS]"),
        ),
    ),
)  # fmt: skip
