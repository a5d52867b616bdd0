"""Proof of the AXI shell's stream register."""

from pathlib import Path

from hw.formal.proof import Mutation, Proof

FOLDER = Path(__file__).parent
FILE = "axi_stream_register.sv"

PROOFS = (
    Proof(
        harness=FOLDER / "axi_stream_register_formal.sv",
        rtl=(FOLDER / FILE,),
        cases=({"WORD_BITS": 1}, {"WORD_BITS": 9}),
        mutations=(
            Mutation("it takes words while reset drops them", FILE, "s_ready = open && ", "s_ready = "),
            Mutation("a word is lost that comes while it is stalled", FILE, "stalled && (spare_full || take)",
                     "stalled && spare_full"),
            Mutation("the spare is given again and again", FILE, "stalled && (spare_full || take)",
                     "spare_full || (stalled && take)"),
            Mutation("valid falls while it waits", FILE, "stalled || spare_full || take", "spare_full || take"),
        ),
    ),
)  # fmt: skip
