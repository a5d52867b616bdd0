"""Proof of the frame guard: frames of two words and of three."""

from pathlib import Path

from hw.formal.proof import Mutation, Proof
from hw.kernels.frame_guard.kernel import FrameGuard

FILE = "frame_guard.sv"

PROOFS = (
    Proof(
        harness=Path(__file__).with_name("frame_guard_formal.sv"),
        rtl=FrameGuard.sources(),
        cases=({"WORDS": 2}, {"WORDS": 3}),
        mutations=(
            Mutation("a frame is a word too long", FILE, "full     = count == COUNT_BITS'(WORDS - 1)",
                     "full     = count == COUNT_BITS'(WORDS)", case=1),
            Mutation("words go on while it drops", FILE, "room : take && !dropping", "room : take"),
            Mutation("it takes words while it fills", FILE, "s_ready  = room && !filling", "s_ready  = room"),
            Mutation("what fills is not zero", FILE, "data = filling ? '0 : s_data", "data = s_data"),
            Mutation("a long frame is not told", FILE, "frame_error <= cut || over", "frame_error <= cut"),
        ),
    ),
)  # fmt: skip
