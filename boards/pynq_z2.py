"""TUL Pynq-Z2: Zynq-7000 XC7Z020.

Part and board part: FINN's Zynq build and PYNQ's overlays for this board. Resources: DS190, Zynq-7000 overview, Z-7020.
The crystal and the processor's clock, which Vivado takes from the board's files where they are installed, are those of
PYNQ's ``boards/Pynq-Z2/petalinux_bsp/hardware_project/pynqz2.tcl``.
"""

from boards.board import Board

BOARD = Board(
    name="pynq_z2",
    title="TUL Pynq-Z2 (Zynq-7000 XC7Z020)",
    family="xc7",
    part="xc7z020clg400-1",
    package="clg400",
    speed="-1",
    oscillator_mhz=50.0,
    clock_mhz=100.0,
    luts=53_200,
    ffs=106_400,
    bram=280,
    dsp=220,
    io="axi",
    tool="vivado",
    finn_name="Pynq-Z2",
    hls4ml_name="pynq-z2",
    vivado={
        "board_part": "tul.com.tw:pynq-z2:part0:*",
        "processing_system": "processing_system7",
        "ps_without_board_files": "PCW_CRYSTAL_PERIPHERAL_FREQMHZ 50 PCW_APU_PERIPHERAL_FREQMHZ 650",
    },
)
