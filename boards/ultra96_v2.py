"""Avnet Ultra96-V2: Zynq UltraScale+ ZU3EG.

Part: Avnet's ``Ultra96-PYNQ`` (``sensors96b_v2.tcl``); board part: FINN's Zynq build. Resources: DS891, ZU3EG.
"""

from boards.board import Board

BOARD = Board(
    name="ultra96_v2",
    title="Avnet Ultra96-V2 (Zynq UltraScale+ ZU3EG)",
    family="xcup",
    part="xczu3eg-sbva484-1-i",
    package="sbva484",
    speed="-1",
    oscillator_mhz=33.333,
    clock_mhz=200.0,
    luts=70_560,
    ffs=141_120,
    bram=432,
    dsp=360,
    io="axi",
    tool="vivado",
    finn_name="Ultra96-V2",
    vivado={"board_part": "avnet.com:ultra96v2:part0:*", "processing_system": "zynq_ultra_ps_e"},
)
