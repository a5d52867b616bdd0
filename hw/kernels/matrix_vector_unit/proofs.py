"""Proof of the matrix-vector unit's credits."""

from pathlib import Path

from hw.formal.proof import Mutation, Proof

FOLDER = Path(__file__).parent
QUEUE = "result_queue.sv"

PROOFS = (
    Proof(
        harness=FOLDER / "result_queue_formal.sv",
        rtl=(FOLDER / QUEUE,),
        cases=(
            {"PLACES": 1, "LATENCY": 1},
            {"PLACES": 2, "LATENCY": 2},
            {"PLACES": 4, "LATENCY": 2},
        ),
        mutations=(
            Mutation("the only place is promised twice", QUEUE, "if (promise || pop) free <= pop",
                     "if (pop) free <= pop"),
            Mutation("a place is never given back", QUEUE, "promise ? promised + 1'b1 : promised - 1'b1",
                     "promised + BITS'(promise)", case=2),
            Mutation("one place too many", QUEUE, "place = !promised[BITS]",
                     "place = !(promised[BITS] && promised[0])", case=2),
            Mutation("a stored word is forgotten", QUEUE, "stored <= push || head_next != tail",
                     "stored <= head_next != tail", case=1),
            Mutation("a word is moved over one that waits", QUEUE, "stored && (!m_valid || m_ready)", "stored", case=2),
        ),
    ),
)  # fmt: skip
