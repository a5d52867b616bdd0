"""Proof of the loaded memory: whose words are whose, and when a set is there."""

from pathlib import Path

from hw.formal.proof import Mutation, Proof

FOLDER = Path(__file__).parent
FILE = "loaded_memory.sv"

PROOFS = (
    Proof(
        harness=FOLDER / "loaded_memory_formal.sv",
        rtl=(FOLDER / FILE, FOLDER / "ram.sv", FOLDER.parent / "register_slice" / "register_slice.sv"),
        cases=(
            {"EACH_FRAME": 1, "DEPTH": 2},
            {"EACH_FRAME": 1, "DEPTH": 3, "START_PACKET": 1},
            {"EACH_FRAME": 1, "DEPTH": 4, "PACK": 2},
            {"EACH_FRAME": 1, "DEPTH": 2, "WORD_BITS": 65},
            {"EACH_FRAME": 0, "DEPTH": 3},
        ),
        mutations=(
            Mutation("a set is written over one that is read", FILE, "room     = !filled[write_half]",
                     "room     = 1'b1"),
            Mutation("both halves are given back", FILE, "else if (done && read_half == i[0])", "else if (done)"),
            Mutation("the start packet is taken", FILE, "passing    <= START_PACKET", "passing    <= 1'b0", case=1),
            Mutation("words behind its own are kept", FILE, "passing <= !word[64]", "passing <= 1'b0"),
            Mutation("it passes on what is its own", FILE, "n_valid    = word_valid && passing",
                     "n_valid    = word_valid"),
            Mutation("a row is written with each of its pieces", FILE, "write      = take && piece_last",
                     "write      = take", case=3),
            Mutation("it is there at once", FILE, "there    = passing;", "there    = 1'b1;", case=4),
        ),
    ),
)  # fmt: skip
