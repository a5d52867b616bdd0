"""AMD Kria KV260: a K26 module, Zynq UltraScale+.

Part: ``Kria-PYNQ`` (``kv260/base/base.tcl``); board part: FINN's Zynq build. Resources: DS987, Kria K26 data sheet.
"""

from boards.board import Board

BOARD = Board(
    name="kv260",
    title="AMD Kria KV260 (K26, Zynq UltraScale+)",
    family="xcup",
    part="xck26-sfvc784-2LV-c",
    package="sfvc784",
    speed="-2LV",
    oscillator_mhz=33.333,
    clock_mhz=200.0,
    luts=117_120,
    ffs=234_240,
    bram=288,
    uram=64,
    dsp=1_248,
    io="axi",
    tool="vivado",
    finn_name="KV260_SOM",
    vivado={"board_part": "xilinx.com:kv260_som:part0:*", "processing_system": "zynq_ultra_ps_e"},
)
