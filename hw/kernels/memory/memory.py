"""Which form a memory takes, logic or block RAM, and what it costs.

A kernel whose ROM's form may be chosen has the attribute ``memory``, one of ``WISHES``. Both families' block RAMs come
in the same shapes of 16 or 18 kbit: the estimates count in these.
"""

from __future__ import annotations

from hw.kernels.kernel import must

LUT_INPUTS = {"ecp5": 4, "xc7": 6, "xcup": 6}
SHAPES = ((16384, 1), (8192, 2), (4096, 4), (2048, 9), (1024, 18), (512, 36))
"""Words and bits of a block RAM."""
WORTH = {"ecp5": 32, "xc7": 64, "xcup": 64}
"""LUTs that a block RAM may save; parts have 200 to 400 LUTs a block RAM, but rarely use up the block RAMs."""

LUT_WORDS = 64
"""The deepest ROM built of logic: above, synthesis makes more of it than tables and their multiplexers."""

WISHES = ("auto", "lut", "block")
"""What a kernel may be told of the form of its ROM."""
ULTRA = "ultra"
"""Ultra RAM, which UltraScale+ has and which has no initial contents."""
ULTRA_SHAPE = 4096, 72
"""Words and bits of an ultra RAM."""
ULTRA_FILL = 1 / 8
"""Share of its ultra RAMs that a memory must fill to be worth them: block RAMs have another shape for the others."""


def block_rams(words: int, bits: int) -> int:
    """Return the block RAMs that a memory takes in the shape that suits it best."""
    return min(-(-words // depth) * -(-bits // width) for depth, width in SHAPES)


def ultra_rams(words: int, bits: int) -> int:
    """Return the ultra RAMs that a memory takes."""
    depth, width = ULTRA_SHAPE
    return -(-words // depth) * -(-bits // width)


def worth_ultra(words: int, bits: int, family: str) -> bool:
    """Whether a memory of so many words may be better off in ultra RAM."""
    depth, width = ULTRA_SHAPE
    return family == "xcup" and words * bits >= ULTRA_FILL * ultra_rams(words, bits) * depth * width


def block_depth(words: int, bits: int) -> int:
    """Return the words of a block RAM in the shape that suits the memory best."""
    return min(SHAPES, key=lambda shape: -(-words // shape[0]) * -(-bits // shape[1]))[0]


def rom_luts(words: int, bits: int, family: str) -> int:
    """Return about as many LUTs as a ROM of logic takes.

    A table with more inputs than a LUT has takes several, and few words leave only so many different tables.
    """
    return min(bits, (1 << words) - 2) * -(-words // (1 << LUT_INPUTS[family]))


def ram_luts(words: int, bits: int, family: str) -> int:
    """Return about as many LUTs as a distributed RAM with one write and one read port takes."""
    if family == "ecp5":  # 16 words of 4 bits in six LUTs, and a tree of multiplexers
        rows = -(-words // 16)
        return 6 * rows * -(-bits // 4) + (rows - 1) * bits
    return 4 * -(-words // 64) * -(-bits // 3) if words > 32 else 4 * -(-bits // 6)  # RAM64M, RAM32M


def choose_form(words: int, bits: int, family: str) -> str:
    """Return the form of a ROM, ``lut`` or ``block``.

    Args:
        words: number of words.
        bits: of a word.
        family: ``ecp5``, ``xc7`` or ``xcup``.
    """
    cheap = rom_luts(words, bits, family) <= WORTH[family] * block_rams(words, bits)
    return "lut" if cheap and words <= LUT_WORDS else "block"


def check_wish(kernel: str, wish: str, words: int, family: str = "") -> None:
    """Raise UserError where a kernel's memory of so many words has no such form; one of a single word is a constant.

    ``family``: of a kernel whose memory may also be ``ultra`` where the family has it.
    """
    known = (*WISHES, ULTRA) if family == "xcup" else WISHES
    must(wish in known, f"{kernel} memory must be one of {', '.join(known)}, not {wish}")
    must(
        wish != "lut" or words <= LUT_WORDS,
        f"{kernel} memory may be lut for at most {LUT_WORDS} words of weights, not {words}: use block or auto",
    )
    must(
        wish not in ("block", ULTRA) or words > 1,
        f"{kernel} memory cannot be {wish} for one word of weights: use lut or auto",
    )


def rom_form(wish: str, words: int, bits: int, family: str) -> str:
    """Return the form of a ROM, ``lut`` or ``block``: the wished one, or the one that is chosen."""
    return choose_form(words, bits, family) if wish == "auto" else wish


def wishes(words: int, bits: int, family: str) -> tuple[str, ...]:
    """Return ``auto`` and the form that it would not choose, where there is one; arguments as of ``choose_form``."""
    if words == 1 or words > LUT_WORDS:
        return ("auto",)
    return "auto", "block" if choose_form(words, bits, family) == "lut" else "lut"


def choose_ram_form(words: int, bits: int, family: str) -> str:
    """Return the form of a RAM with one write and one read port, ``lut`` or ``block``; arguments as above."""
    return "lut" if ram_luts(words, bits, family) <= WORTH[family] * block_rams(words, bits) else "block"
