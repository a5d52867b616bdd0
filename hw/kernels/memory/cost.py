"""What a ROM or a result queue takes with its registers, calibrated against yosys."""

from __future__ import annotations

from hw.kernels.cost import counter
from hw.kernels.kernel import LOAD_BITS, Memory, Resources
from hw.kernels.memory.loaded import Rows
from hw.kernels.memory.memory import ULTRA, block_rams, ram_luts, rom_luts, ultra_rams


def distinct(memory: Memory) -> int:
    """Return how many bits of a memory's words differ from each other and from constants: equal ones are built once."""
    columns = {tuple(word >> bit & 1 for word in memory.words) for bit in range(memory.bits)}
    return sum(len(set(column)) > 1 for column in columns)


def rom_of(memory: Memory, form: str, family: str) -> Resources:
    """Return what a ROM of these contents takes, ``form`` being ``block`` or ``lut``."""
    if form == "block":
        return Resources(ff=memory.bits, bram=block_rams(len(memory.words), memory.bits))
    bits = distinct(memory)
    return Resources(lut=rom_luts(len(memory.words), bits, family), ff=2 * bits)


def rom(words: int, bits: int, form: str, family: str) -> Resources:
    """Return what a ROM takes, ``form`` being ``block`` or ``lut``; one of a single word is a constant."""
    if form == "block":
        return Resources(ff=bits, bram=block_rams(words, bits))
    different = min(bits, (1 << words) - 2)  # few words leave only so many different bits
    return Resources(lut=rom_luts(words, bits, family), ff=2 * different) if words > 1 else Resources()


def queue(places: int, bits: int, family: str) -> Resources:
    """Return what a ``result_queue`` of ``places`` words takes."""
    if places == 1:
        return Resources(lut=3, ff=bits + 2)
    address = places.bit_length() - 1
    logic = min(7 * address + 7, 50) if family == "ecp5" else 9 if address == 1 else address + 13
    return Resources(lut=ram_luts(places, bits, family) + logic, ff=3 * address + 3 + bits)


def loaded_memory(rows: Rows, sets: int, each_frame: bool, form: str, family: str) -> Resources:
    """Return what a ``loaded_memory`` takes, ``form`` being ``lut``, ``block`` or ``ultra``."""
    count, slice_bits = rows.count * sets, LOAD_BITS + 1
    if form == ULTRA:
        memory = Resources(uram=ultra_rams(count, rows.bits))
    elif form == "block":
        memory = Resources(bram=block_rams(count, rows.bits))
    else:
        memory = Resources(lut=ram_luts(count, rows.bits, family), ff=rows.bits)
    word = rows.word_bits
    select = word * (rows.pack - 1) // (1 if family == "ecp5" else 2)
    held = LOAD_BITS * (rows.pieces - 1)
    address = (count - 1).bit_length()
    loader = Resources(
        lut=slice_bits + counter(count, family) + 10 + 6 * each_frame,
        ff=2 * slice_bits + 3 + held + address + 4 * each_frame + (rows.pieces - 1).bit_length(),
    )
    return memory + loader + Resources(lut=select, ff=word + (rows.pack - 1).bit_length())
