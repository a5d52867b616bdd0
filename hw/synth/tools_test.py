"""Tools are found, their failures are told in a sentence, and a small design becomes a bitstream."""

import dataclasses
import json
import sys
from pathlib import Path

import pytest

import boards
from codesign.errors import CodesignError, MissingTool, ToolFailed, UserError
from hw.kernels.kernel import Resources
from hw.synth import nextpnr_ecp5, tool, yosys
from hw.synth.cells import resources

TOP = """
module accelerator(input clk, input [3:0] a, output [3:0] y);
  leaf u_one (.clk, .a, .y(middle));
  leaf u_two (.clk, .a(middle), .y);
  wire [3:0] middle;
endmodule
module leaf(input clk, input [3:0] a, output reg [3:0] y);
  always @(posedge clk) y <= y + a;
endmodule
module ulx3s_top(input clk_25mhz, output [7:0] led);
  wire [3:0] y;
  accelerator u_accelerator(.clk(clk_25mhz), .a(4'd3), .y);
  assign led = {y, ~y};
endmodule
"""


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "rtl" / "top.sv"
    path.parent.mkdir()
    path.write_text(
        TOP.replace("  wire [3:0] middle;\n", "").replace("  leaf u_one", "  wire [3:0] middle;\n  leaf u_one")
    )
    return path


def test_tools_are_found() -> None:
    found = tool.tools()
    assert {"yosys", "nextpnr-ecp5"} <= set(found)
    for name in ("yosys", "nextpnr-ecp5"):
        here = found[name].require()
        assert here.version[0].isdigit() and here.command


def test_a_missing_tool_says_what_it_costs() -> None:
    absent = dataclasses.replace(yosys.TOOL, find=lambda: None)
    with pytest.raises(MissingTool, match=r"yosys is not installed; without it, resources are estimates.*pip install"):
        absent.require()


def test_the_first_error_line_is_told(tmp_path: Path) -> None:
    program = "print('all well'); print('x.v:3: ERROR: no such thing'); print('ERROR: later'); exit(3)"
    said: list[str] = []
    with pytest.raises(ToolFailed, match=r"demo failed: x.v:3: ERROR: no such thing \(log: .*demo.log\)"):
        tool.run(
            "demo", [sys.executable, "-c", program], tmp_path, tmp_path / "demo.log",
            milestones={"all": "started"}, progress=said.append,
        )  # fmt: skip
    assert said == ["demo: started"] and "later" in (tmp_path / "demo.log").read_text()


def test_a_refused_design_leaves_a_log_only(tmp_path: Path) -> None:
    (tmp_path / "bad.sv").write_text("module bad(input a, output b); nothing u(.a, .b); endmodule\n")
    with pytest.raises(ToolFailed, match=r"yosys failed: .*nothing.*log: "):
        yosys.synthesize([tmp_path / "bad.sv"], "bad", "ecp5", tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["bad.yosys.log"]
    with pytest.raises(UserError, match="family must be one of ecp5, xc7, xcup, not 'ice40'"):
        yosys.synthesize([tmp_path / "bad.sv"], "bad", "ice40", tmp_path / "out")


def test_to_a_bitstream(source: Path, tmp_path: Path) -> None:
    board, said = boards.get("ulx3s"), list[str]()
    made = yosys.synthesize([source], "ulx3s_top", "ecp5", tmp_path / "out", progress=said.append)
    assert made.total.ff == 8 and said
    bitstream = nextpnr_ecp5.place_and_route(made.json, board, tmp_path / "out", clock_mhz=25, seeds=(1,))
    assert bitstream.bit.stat().st_size > 100_000
    timing = json.loads((tmp_path / "out/report/timing.json").read_text())
    assert timing["met"] and timing["fmax_mhz"] > 25 and timing["source"] == "nextpnr"
    assert timing["used"]["TRELLIS_FF"] == 8 == bitstream.timing.resources.ff
    assert not [path for path in (tmp_path / "out").iterdir() if path.name.startswith(".")]
    with pytest.raises(CodesignError, match=r"reaches .* MHz on ulx3s \(seeds 1\) and must reach 2000"):
        nextpnr_ecp5.place_and_route(made.json, board, tmp_path / "out", clock_mhz=2000, seeds=(1,))
    with pytest.raises(UserError, match="not for zcu104"):
        nextpnr_ecp5.place_and_route(made.json, boards.get("zcu104"), tmp_path / "out")


def test_a_plan_runs_nothing() -> None:
    route, pack = nextpnr_ecp5.plan("ulx3s_top", boards.get("ulx3s"))
    assert {"--85k", "CABGA381", "ulx3s_top.json"} <= set(route.command) and pack.makes == ("ulx3s_top.bit",)
    assert yosys.plan("ulx3s_top").makes == ("ulx3s_top.json",)


def test_what_cells_cost() -> None:
    ecp5 = {"LUT4": 10, "CCU2C": 3, "TRELLIS_DPR16X4": 2, "PFUMX": 9, "TRELLIS_FF": 7, "DP16KD": 1, "MULT18X18D": 2}
    assert resources(ecp5, "ecp5") == Resources(28, 7, 1, 2)
    amd = {"LUT6": 5, "SRL16E": 1, "RAM32M": 1, "FDRE": 3, "FDSE": 1, "RAMB36E1": 2, "RAMB18E1": 1, "DSP48E1": 1}
    assert resources(amd, "xc7") == Resources(10, 4, 5, 1)
