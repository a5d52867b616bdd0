"""AMD ZCU102: Zynq UltraScale+ ZU9EG.

Part: AMD UG1182, ZCU102 board guide; board part: hls4ml's block design for this board (``axi_stream_design.tcl``).
Resources: DS891, Zynq UltraScale+ MPSoC overview, ZU9EG. AMD has no PYNQ image for it: people build their own.
"""

from boards.board import Board

BOARD = Board(
    name="zcu102",
    title="AMD ZCU102 (Zynq UltraScale+ ZU9EG)",
    family="xcup",
    part="xczu9eg-ffvb1156-2-e",
    package="ffvb1156",
    speed="-2",
    oscillator_mhz=33.333,
    clock_mhz=200.0,
    luts=274_080,
    ffs=548_160,
    bram=1_824,
    dsp=2_520,
    io="axi",
    tool="vivado",
    finn_name="ZCU102",
    hls4ml_name="zcu102",
    vivado={"board_part": "xilinx.com:zcu102:part0:*", "processing_system": "zynq_ultra_ps_e"},
)
