"""Proof of the sum: with and without the products' register."""

from pathlib import Path

from hw.formal.proof import Mutation, Proof
from hw.kernels.stream_add.kernel import StreamAdd

FILE = "stream_add.sv"

PROOFS = (
    Proof(
        harness=Path(__file__).with_name("stream_add_formal.sv"),
        rtl=StreamAdd.sources(),
        cases=(
            {"STAGED": 0, "LANES": 1, "A": 1, "B": 1, "BITS": 2},
            {"STAGED": 0, "LANES": 2, "A": 1, "B": -1, "BITS": 2},
            {"STAGED": 1, "LANES": 1, "A": 3, "B": 5, "BITS": 4},
        ),
        mutations=(
            Mutation("it takes one input alone", FILE, "take  = x_valid && y_valid && show;",
                     "take  = x_valid && show;"),
            Mutation("it takes while the output stalls", FILE, "x_valid && y_valid && (!held || show)",
                     "x_valid && y_valid", case=2),
            Mutation("a product is added twice", FILE, "(held && !show)", "held", case=2),
            Mutation("last is the other frame's", FILE, "last  = x_data[LANES*X_BITS];", "last  = y_last;"),
        ),
    ),
)  # fmt: skip
