"""Proof of the width converter: up, down, neither, and both."""

from pathlib import Path

from hw.formal.proof import Mutation, Proof
from hw.kernels.width_converter.kernel import WidthConverter

PROOFS = (
    Proof(
        harness=Path(__file__).with_name("width_converter_formal.sv"),
        rtl=WidthConverter.sources(),
        cases=(
            {"UP": 2, "DOWN": 1, "DATA_BITS": 1, "MOST": 2, "LATENCY": 1},
            {"UP": 3, "DOWN": 1, "DATA_BITS": 1, "MOST": 2, "LATENCY": 1},
            {"UP": 4, "DOWN": 1, "DATA_BITS": 1, "MOST": 2, "LATENCY": 1},
            {"UP": 1, "DOWN": 2, "DATA_BITS": 2, "MOST": 2, "LATENCY": 1},
            {"UP": 1, "DOWN": 3, "DATA_BITS": 3, "MOST": 2, "LATENCY": 1},
            {"UP": 1, "DOWN": 4, "DATA_BITS": 4, "MOST": 2, "LATENCY": 1},
            {"UP": 1, "DOWN": 1, "DATA_BITS": 2, "MOST": 2, "LATENCY": 1},
            {"UP": 3, "DOWN": 2, "DATA_BITS": 2, "MOST": 4, "LATENCY": 2},
            {"UP": 2, "DOWN": 3, "DATA_BITS": 3, "MOST": 4, "LATENCY": 2},
        ),
        cover_depth=30,
        mutations=(
            Mutation("a wide word has a part too few", "width_up.sv", "complete = count == COUNT_BITS'(RATIO - 1)",
                     "complete = count == COUNT_BITS'(RATIO - 2)", case=2),
            Mutation("the part aside is forgotten", "width_up.sv", "final_part = full ? aside : s_data",
                     "final_part = s_data"),
            Mutation("it takes a part while the part aside waits", "width_up.sv", "s_ready  = !full",
                     "s_ready  = 1'b1"),
            Mutation("a wide word is not held", "width_up.sv", "if (whole && show)", "if (whole)"),
            Mutation("last comes with every part", "width_down.sv", "{parts_last && final_part,",
                     "{parts_last,", case=3),
            Mutation("a part is lost", "width_down.sv", "(aside_valid || (take && parts_valid)) && !m_ready",
                     "aside_valid && !m_ready", case=3),
            Mutation("a part is given again", "width_down.sv", "give        = parts_valid && !aside_valid && m_ready",
                     "give        = parts_valid && m_ready", case=4),
            Mutation("parts in the wrong order", "width_down.sv",
                     "parts[WIDE_BITS-1 -: DATA_BITS], parts[WIDE_BITS-1:DATA_BITS]",
                     "parts[WIDE_BITS-DATA_BITS-1:0], parts[WIDE_BITS-1 -: DATA_BITS]", case=4),
        ),
    ),
)  # fmt: skip
