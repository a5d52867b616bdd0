"""What a build is asked for."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any

import boards
from boards.board import Board
from hw.shell import shells


@dataclass(frozen=True)
class BuildConfig:
    """The settings of one build; the names are those that users of FINN know where FINN has the setting.

    Attributes:
        model: a preset's name or a QONNX file.
        board: the board's name.
        output_dir: where everything is written.
        target_fps: frames a second to fold for; the board's default where None.
        max_resources: what the design may take of the part, a share (``50%``) or limits (``lut=20000,dsp=80``); without
            ``target_fps`` it is made as fast as that allows.
        synth_clk_mhz: the accelerator's clock in MHz; the board's default where None.
        folding_config_file: folding to use in place of the search.
        fifo_depths: file of FIFO depths to keep to, in place of the folding file's; the others are found.
        inputs: file of inputs (``.npy``, float, [N, *model shape]) to verify with beside random ones.
        data: folder of the data set that a preset's own inputs come from.
        frames: frames that the RTL is verified with.
        netlist_frames: frames that the synthesized netlist is verified with.
        stall_probability: of each port in each cycle, during verification.
        seed: of random frames and stalls.
        input_type: integers that the model's input holds, such as 'uint8', in place of floats.
        stream_weights: whether parts of the network share an engine whose weights come in every frame: ``auto``, where
            the part cannot hold them all; ``never``; ``always``, where the network has such parts.
        io_type, strategy, reuse_factor, precision: hls4ml's, see ``hw.hls4ml.settings``.
    """

    model: str
    board: str
    output_dir: Path
    target_fps: float | None = None
    max_resources: str | None = None
    synth_clk_mhz: float | None = None
    folding_config_file: Path | None = None
    fifo_depths: Path | None = None
    inputs: Path | None = None
    data: Path | None = None
    frames: int = 200
    netlist_frames: int = 20
    stall_probability: float = 0.3
    seed: int = 0
    input_type: str | None = None
    stream_weights: str = "auto"
    io_type: str = "io_stream"
    strategy: str = "resource"
    reuse_factor: int = 1
    precision: str = "derived"

    @property
    def target(self) -> Board:
        """The board itself."""
        return boards.get(self.board)

    @property
    def clock_mhz(self) -> float:
        """The accelerator's clock in MHz, as the board makes it.

        Raises:
            UserError: the board makes none near the one asked for.
        """
        board = self.target
        return float(shells()[board.io].made_clock_mhz(board, self.synth_clk_mhz or board.clock_mhz))

    @property
    def model_contents(self) -> str:
        """Digest of the model's file, empty for a preset."""
        path = Path(self.model)
        if not path.is_file():
            return ""
        with path.open("rb") as file:  # in pieces: it may be larger than the memory
            return file_digest(file, "sha256").hexdigest()

    @property
    def folding_contents(self) -> str:
        """Digest of the folding file, empty where there is none."""
        return _digest(self.folding_config_file)

    @property
    def fifo_contents(self) -> str:
        """Digest of the file of FIFO depths, empty where there is none."""
        return _digest(self.fifo_depths)

    @property
    def bitfile_contents(self) -> str:
        """Digests of the bitstream's files, empty before they are made."""
        files = sorted((self.output_dir / "bitfile").rglob("*"))
        return " ".join(sha256(path.read_bytes()).hexdigest() for path in files if path.is_file())

    def setting(self, name: str) -> Any:
        """Return a setting in a form that can be hashed; the board by all that it declares."""
        return asdict(self.target) if name == "board" else str(getattr(self, name))


def _digest(path: Path | None) -> str:
    return sha256(path.read_bytes()).hexdigest() if path and path.is_file() else ""
