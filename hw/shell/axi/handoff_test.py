"""The handoff file: stock pynq reads it in every version, and it says what the Vivado project makes."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

import pytest

import boards
from hw.shell import registers
from hw.shell.axi.addresses import ADDRESSES
from hw.shell.axi.clock import divided
from hw.shell.axi.handoff import handoff
from hw.shell.axi.shell import AxiShell
from hw.synth import vivado
from hw.synth.vivado_project import dry_run
from tests import environments

SHELL = AxiShell(s_data_bits=90, m_data_bits=10, s_words=4, build=0x89ABCDEF, clock_hz=150_000_000)
LOADING = replace(SHELL, start_words=3, packet_words=2)
AMD = ("zcu104", "zcu102", "pynq_z2", "ultra96_v2", "kv260")
DOCUMENT = Path(__file__).parents[3] / "docs" / "vivado.md"
PARSE = """
import json, sys, warnings
warnings.simplefilter("ignore")
from pynqmetadata.frontends import Metadata
try:
    from pynqmetadata.views.runtime import RuntimeMetadataParser
except ImportError:
    from pynq.metadata.runtime_metadata_parser import RuntimeMetadataParser
found = {}
for name in sys.argv[1:]:
    parsed = RuntimeMetadataParser(Metadata(input=name))
    cells = {
        cell: {
            "type": ip["type"], "address": ip["phys_addr"], "range": ip["addr_range"],
            "registers": {
                register: [about["address_offset"], about["access"],
                           {field: bits["bit_offset"] for field, bits in about["fields"].items()}]
                for register, about in ip["registers"].items()
            },
            "parameters": ip["parameters"],
        }
        for cell, ip in parsed.ip_dict.items() if cell != "ps"
    }
    found[name] = {"cells": cells, "clocks": {str(k): dict(v) for k, v in parsed.clock_dict.items()}}
print(json.dumps(found))
"""


def cells(text: str) -> dict[str, dict[str, str]]:
    """The parameters of each cell."""
    return {
        module.get("INSTANCE", ""): {p.get("NAME", ""): p.get("VALUE", "") for p in module.iter("PARAMETER")}
        for module in Xml.fromstring(text).iter("MODULE")
    }


@pytest.mark.parametrize("environment", environments.PYNQ, ids=lambda found: found.name)
def test_stock_pynq_reads_it(environment: environments.Environment, tmp_path: Path) -> None:
    assert environment.ready, f"make setup makes {environment.name}"
    for family in ADDRESSES:
        (tmp_path / f"{family}.hwh").write_text(handoff(SHELL, family, 150))
        (tmp_path / f"{family}_loading.hwh").write_text(handoff(LOADING, family, 150))
    names = [f"{family}{suffix}.hwh" for family in ADDRESSES for suffix in ("", "_loading")]
    command = [str(environment.python), "-c", PARSE, *names]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    parsed: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    for family, addresses in ADDRESSES.items():
        found = parsed[f"{family}.hwh"]
        assert set(found["cells"]) == {"dma", "accelerator"}
        dma, accelerator = found["cells"]["dma"], found["cells"]["accelerator"]
        assert (dma["address"], accelerator["address"]) == (addresses.dma, addresses.accelerator)
        assert dma["range"] == accelerator["range"] == addresses.range
        assert dma["type"] == "xilinx.com:ip:axi_dma:7.1", "pynq.lib.dma is found by it"
        assert accelerator["type"] == "xilinx.com:module_ref:accelerator_axi:1.0"
        assert accelerator["registers"] == {
            item.name: [4 * item.index, "write-only" if item.access == "w" else "read-only",
                        {field.name: field.bit for field in item.fields}]
            for item in registers.REGISTERS
        }  # fmt: skip
        offsets = {name: about[0] for name, about in dma["registers"].items()}
        assert offsets == {
            "MM2S_DMACR": 0x00, "MM2S_DMASR": 0x04, "MM2S_SA": 0x18, "MM2S_SA_MSB": 0x1C, "MM2S_LENGTH": 0x28,
            "S2MM_DMACR": 0x30, "S2MM_DMASR": 0x34, "S2MM_DA": 0x48, "S2MM_DA_MSB": 0x4C, "S2MM_LENGTH": 0x58,
        }  # fmt: skip
        weights = parsed[f"{family}_loading.hwh"]["cells"]["dma_weights"]
        assert (weights["address"], weights["range"]) == (addresses.dma_weights, addresses.range)
        assert {name: about[0] for name, about in weights["registers"].items()} == {
            name: offset for name, offset in offsets.items() if name.startswith("MM2S")
        }
        clock = divided(family, 150)
        first = {"enable": 1, "divisor0": clock.first, "divisor1": clock.second}
        assert {key: found["clocks"]["0"][key] for key in first} == first
        assert [found["clocks"][str(index)]["enable"] for index in (1, 2, 3)] == [0, 0, 0]


@pytest.mark.parametrize("shell", [SHELL, LOADING])
@pytest.mark.parametrize("name", AMD)
def test_it_says_what_the_vivado_project_makes(name: str, shell: AxiShell, tmp_path: Path) -> None:
    """Cells, their addresses and the DMA's settings, as the dry run sees the script make them."""
    core = tmp_path / "accelerator.sv"
    core.write_text("module accelerator; endmodule\n")
    sizes = shell.s_data_bits, shell.m_data_bits, shell.s_words, 1, shell.start_words, shell.packet_words
    accelerator = vivado.Accelerator("jet", [core], [], *sizes)
    board = boards.get(name)
    run = dry_run.dry_run(vivado.write_project(accelerator, board, tmp_path, clock_mhz=150))
    found = cells(handoff(shell, board.family, 150))
    calls = [(call.command, call.arguments) for call in run.calls]
    made = {arguments[-1] for command, arguments in calls if command == "create_bd_cell"}
    assert set(found) <= made and {"ps", "dma", "accelerator"} == set(found) - {"dma_weights"}
    assert ("dma_weights" in found) == ("dma_weights" in made) == shell.loads
    assigned = {}
    for command, arguments in calls:
        if command == "assign_bd_address" and "space:ps/Data" in arguments:
            values = dict(pairwise(arguments))
            segment = next(text for text in arguments if text.startswith("segment:")).removeprefix("segment:")
            base, size = int(values["-offset"], 0), int(values["-range"], 0)
            assigned[segment.split("/")[0]] = (base, base + size - 1)
    for cell in set(found) - {"ps"}:
        assert assigned[cell] == tuple(int(found[cell][key], 0) for key in ("C_BASEADDR", "C_HIGHADDR"))
    for cell, count in (("dma", 9), *([("dma_weights", 7)] if shell.loads else [])):
        settings: dict[str, str] = {}
        for command, arguments in calls:
            if command == "set_property" and arguments[-1] == f"cell:{cell}" and "-dict" in arguments:
                listed = arguments[arguments.index("-dict") + 1].split()
                settings |= dict(zip(listed[::2], listed[1::2], strict=True))
        numbers = {key.removeprefix("CONFIG."): value for key, value in settings.items() if value.isdecimal()}
        assert len(numbers) == count
        assert {key: found[cell][key] for key in numbers} == numbers


def test_the_document_has_the_addresses() -> None:
    text = DOCUMENT.read_text()
    for addresses in ADDRESSES.values():
        assert f"0x{addresses.dma:08X}" in text and f"0x{addresses.accelerator:08X}" in text
        assert f"0x{addresses.dma_weights:08X}" in text


@pytest.mark.parametrize(
    ("family", "asked", "made"),
    [("xcup", 200, 187.498), ("xcup", 100, 99.999), ("xcup", 160, 149.9985), ("xc7", 100, 100), ("xc7", 142, 125),
     ("xc7", 1, 1)],
)  # fmt: skip
def test_the_clock_is_never_faster_than_asked(family: str, asked: float, made: float) -> None:
    clock = divided(family, asked)
    assert clock.mhz == pytest.approx(made, abs=1e-3) and 1 <= clock.second <= clock.first <= 63
