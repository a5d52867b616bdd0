"""The AXI shell of one accelerator: which files, with which widths."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from codesign.errors import UserError
from codesign.files import write_text
from hw.kernels.kernel import Resources
from hw.shell import registers

HERE = Path(__file__).parent
TOP = "accelerator_axi"
SOURCES = (
    "axi_stream_register.sv", "axi_lite.sv", "axi_registers.sv", "axi_transfers.sv", "axi_shell.sv", f"{TOP}.v"
)  # fmt: skip
WEIGHTS_SOURCE = "axi_weights.sv"
WEIGHTS = re.compile(r"^`ifdef WEIGHTS\n(.*?)(?:^`else\n(.*?))?^`endif\n", re.MULTILINE | re.DOTALL)
"""What the sources have only with weights, and only without: resolved here, because a block design knows no macros."""
INCLUDE = '`include "registers.svh"\n'
BEATS = (8, 16, 32, 64, 128)


def beat_bits(data_bits: int) -> int:
    """Return the width of the TDATA that carries a word's data: the next of 8, 16, 32, 64 and 128.

    Raises:
        UserError: a word has more than 128 bits.
    """
    for bits in BEATS:
        if data_bits <= bits:
            return bits
    raise UserError(
        f"An AXI shell carries words of at most {BEATS[-1]} bits, not {data_bits}: fold the first and last layer more"
    )


@dataclass(frozen=True)
class AxiShell:
    """What the shell around an accelerator is built for.

    A beat carries one word: TDATA is the word's data, lane 0 in the lowest bits, zeros above. A transfer, which ends
    with TLAST, is one frame or, where ``s_words`` says where a frame ends, several; the output's ends with the same.

    Attributes:
        s_data_bits: bits of an input word's data, without ``last``.
        m_data_bits: bits of an output word's.
        s_words: words of an input frame; 0 where frames have no fixed length, and a transfer is one frame.
        build: hash of the build, 32 bits, which the register BUILD returns.
        clock_hz: the accelerator's clock, which the register CLOCK_HZ returns.
        start_words: words of 64 bits of the weights' first packet after a reset, 0 where there is none.
        packet_words: of each packet of weights of a frame, 0 where there are none; without either, nothing is loaded.
    """

    s_data_bits: int
    m_data_bits: int
    s_words: int = 0
    build: int = 0
    clock_hz: int = 0
    start_words: int = 0
    packet_words: int = 0

    @property
    def top(self) -> str:
        """Name of the top module."""
        return TOP

    @property
    def loads(self) -> bool:
        """Whether there is a stream of weights."""
        return bool(self.start_words or self.packet_words)

    @property
    def s_tdata_bits(self) -> int:
        return beat_bits(self.s_data_bits)

    @property
    def m_tdata_bits(self) -> int:
        return beat_bits(self.m_data_bits)

    def parameters(self) -> dict[str, int]:
        """Parameters of the module ``accelerator_axi``."""
        return {
            "S_DATA_BITS": self.s_data_bits,
            "M_DATA_BITS": self.m_data_bits,
            "S_TDATA_BITS": self.s_tdata_bits,
            "M_TDATA_BITS": self.m_tdata_bits,
            "S_WORDS": self.s_words,
            "BUILD": self.build,
            "CLOCK_HZ": self.clock_hz,
            **({"START_WORDS": self.start_words, "PACKET_WORDS": self.packet_words} if self.loads else {}),
        }

    def resources(self) -> Resources:
        """What it takes of an AMD part: a model, fitted to yosys 0.70; a transfer's words are counted."""
        bits, count = self.s_data_bits + self.m_data_bits, self.s_words.bit_length()
        used = Resources(lut=170 + bits + 7 * count // 2, ff=280 + 2 * bits + count)
        if self.loads:
            counted = max(self.start_words, self.packet_words).bit_length()
            used += Resources(lut=115 + 3 * counted // 2, ff=166 + counted)
        return used

    def emit(self, directory: Path) -> list[Path]:
        """Write the shell's sources into ``directory`` and return them, the top module's last.

        The register map stands in the source itself, for a block design that does not find included files, and the
        parameters' defaults are this shell's.
        """
        names = (*SOURCES[:1], WEIGHTS_SOURCE, *SOURCES[1:]) if self.loads else SOURCES
        for name in names:
            text = WEIGHTS.sub(lambda part: part[1 if self.loads else 2] or "", (HERE / name).read_text())
            text = text.replace(INCLUDE, registers.header())
            write_text(directory / name, self._with_parameters(text) if name == f"{TOP}.v" else text)
        return [directory / name for name in names]

    def _with_parameters(self, text: str) -> str:
        for name, value in self.parameters().items():
            literal = f"32'h{value:08x}" if name == "BUILD" else str(value)
            text, found = re.subn(rf"(\bparameter {name} *= )[^,\n]+", rf"\g<1>{literal}", text)
            assert found == 1, name
        return text
