"""Proof of the product: by gates and by a multiplier."""

from pathlib import Path

from hw.formal.proof import Mutation, Proof
from hw.kernels.stream_multiply.kernel import StreamMultiply

FILE = "stream_multiply.sv"

PROOFS = (
    Proof(
        harness=Path(__file__).with_name("stream_multiply_formal.sv"),
        rtl=StreamMultiply.sources(),
        cases=(
            {"LANES": 1, "X_BITS": 1, "Y_BITS": 1, "BITS": 1},
            {"LANES": 1, "X_BITS": 2, "Y_BITS": 2, "BITS": 4},
            {"LANES": 2, "X_BITS": 1, "Y_BITS": 2, "BITS": 2},
        ),
        mutations=(
            Mutation("it takes one input alone", FILE, "take = x_valid && y_valid && show", "take = x_valid && show"),
            Mutation("a word shows twice", FILE, "(x_valid && y_valid) || !show", "(x_valid && y_valid) || m_valid"),
            Mutation("data changes while it waits", FILE, "if (show) m_data", "m_data"),
            Mutation("last is the other frame's", FILE, "m_data <= {x_last", "m_data <= {y_last"),
        ),
    ),
)  # fmt: skip
