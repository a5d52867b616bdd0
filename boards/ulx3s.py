"""Radiona ULX3S with the ECP5-85F: the board whose whole way to a bitstream is open."""

from boards.board import Board

BOARD = Board(
    name="ulx3s",
    title="Radiona ULX3S 85F (ECP5)",
    family="ecp5",
    part="LFE5U-85F-6BG381C",
    package="CABGA381",
    speed="6",
    oscillator_mhz=25.0,
    clock_mhz=80.0,
    luts=83_640,
    ffs=83_640,
    bram=208,
    dsp=156,
    io="uart",
    target_fps=1200,
    tool="nextpnr-ecp5",
)
