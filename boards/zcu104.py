"""AMD ZCU104: Zynq UltraScale+ ZU7EV.

Part and board part: FINN's Zynq build (``make_zynq_proj.py``, ``templates.py``) and PYNQ's overlays for this board.
Resources: DS891, Zynq UltraScale+ MPSoC overview, ZU7EV.
"""

from boards.board import Board

BOARD = Board(
    name="zcu104",
    title="AMD ZCU104 (Zynq UltraScale+ ZU7EV)",
    family="xcup",
    part="xczu7ev-ffvc1156-2-e",
    package="ffvc1156",
    speed="-2",
    oscillator_mhz=33.333,
    clock_mhz=200.0,
    luts=230_400,
    ffs=460_800,
    bram=624,
    uram=96,
    dsp=1_728,
    io="axi",
    tool="vivado",
    finn_name="ZCU104",
    vivado={"board_part": "xilinx.com:zcu104:part0:*", "processing_system": "zynq_ultra_ps_e"},
)
