"""A simulated board for tests whose accelerator is a stand-in: a frame is four words, and a word's answer is a sum."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict
from pathlib import Path

import numpy as np

from hw.shell.axi.addresses import ADDRESSES
from hw.shell.axi.handoff import cells, handoff
from hw.shell.axi.shell import AxiShell
from hw.shell.axi.simulation import compile_board

WORDS = 4
BUILD = 0x89ABCDEF
SHELL = AxiShell(s_data_bits=24, m_data_bits=10, s_words=WORDS, build=BUILD, clock_hz=200_000_000)
STAND_IN = Path(__file__).parents[2] / "hw/shell/axi/stand_in/accelerator.sv"


def answers(data: np.ndarray) -> np.ndarray:
    """What the stand-in answers to the bytes of beats of four, the last one rubbish: uint16, one a beat."""
    return data.reshape(-1, 4)[:, :3].sum(1, dtype=np.uint16)


def stand_in_board(folder: Path, shell: AxiShell = SHELL, core: Path = STAND_IN, board: str = "zcu104") -> Path:
    """Write a simulated board's folder, with no package but ``deploy/stand_in.bit`` and its ``.hwh``; return it."""
    family = "xc7" if board == "pynq_z2" else "xcup"
    library = compile_board([core, *shell.emit(folder / "src")], weights=shell.loads)
    shutil.copyfile(library, folder / "board.so")
    for name in ("memories", "deploy"):
        (folder / name).mkdir()
    addresses = asdict(ADDRESSES[family])
    about = {
        "format": 1, "io": "axi", "board": board, "title": "a stand-in", "family": family, "build": shell.build,
        "clock_mhz": shell.clock_hz / 1e6, "library": "board.so", "memories": "memories", "cells": cells(shell),
        "addresses": {name: addresses[name] for name in (*cells(shell), "range")},
        "beat_bytes": {"input": shell.s_tdata_bits // 8, "output": shell.m_tdata_bits // 8},
    }  # fmt: skip
    (folder / "simboard.json").write_text(json.dumps(about))
    (folder / "deploy/stand_in.bit").write_text(json.dumps({"build": shell.build}))
    (folder / "deploy/stand_in.hwh").write_text(handoff(shell, family, shell.clock_hz / 1e6))
    return folder
