"""Proofs of the AXI shell's stream register and of its packets of weights."""

from pathlib import Path

from hw.formal.proof import Mutation, Proof

FOLDER = Path(__file__).parent
FILE = "axi_stream_register.sv"
WEIGHTS = "axi_weights.sv"

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
    Proof(
        harness=FOLDER / "axi_weights_formal.sv",
        rtl=(FOLDER / WEIGHTS, FOLDER / FILE),
        cases=(
            {"START_WORDS": 3, "PACKET_WORDS": 2},
            {"START_WORDS": 1, "PACKET_WORDS": 4},
            {"START_WORDS": 0, "PACKET_WORDS": 3},
            {"START_WORDS": 3, "PACKET_WORDS": 0},
        ),
        mutations=(
            Mutation("packets end elsewhere", WEIGHTS, "tlast_here || left == '0", "tlast_here || left == '1"),
            Mutation("the first packet has the others' length", WEIGHTS, "left <= BITS'(FIRST)", "left <= BITS'(NEXT)"),
            Mutation("TLAST does not end a packet", WEIGHTS, "last   = tlast_here ||", "last   = 1'b0 ||"),
            Mutation("what is cut is not told", WEIGHTS, "tlast_here && left != '0", "1'b0"),
            Mutation("a surplus is not told", WEIGHTS, "|| over)", "|| 1'b0)", case=3),
        ),
    ),
)  # fmt: skip
