"""Proof of the register slice."""

from pathlib import Path

from hw.formal.proof import Mutation, Proof
from hw.kernels.register_slice.kernel import RegisterSlice

FILE = "register_slice.sv"

PROOFS = (
    Proof(
        harness=Path(__file__).with_name("register_slice_formal.sv"),
        rtl=RegisterSlice.sources(),
        cases=({"WORD_BITS": 1}, {"WORD_BITS": 2}, {"WORD_BITS": 8}),
        mutations=(
            Mutation("a word is lost that comes while it is stalled", FILE, "spare_full || take;\n        end else",
                     "spare_full;\n        end else"),
            Mutation("the spare is not kept", FILE, "if (take)     spare", "if (take && !stalled) spare"),
            Mutation("data changes while it waits", FILE, "if (!stalled) m_data", "m_data"),
            Mutation("the spare is overtaken", FILE, "spare_full ? spare : s_data", "s_data"),
        ),
    ),
)  # fmt: skip
