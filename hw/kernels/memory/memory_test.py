"""The memories' RTL: contents, time, and what synthesis makes of them."""

from pathlib import Path

import numpy as np
import pytest

from hw.design.stream import Port, Stream
from hw.kernels.kernel import Memory, Resources
from hw.kernels.memory import memory
from hw.sim import compile_simulator, lint
from hw.synth import yosys
from hw.synth.netlist import simulation_model

FOLDER = Path(memory.__file__).parent

# A stream around a memory: every word is an address, and its data shows two cycles later. No back-pressure.
ROM_TOP = """
module rom_top #(parameter FORM = "lut") (
    input wire clk, input wire rst_n,
    input wire [8:0] s_data, input wire s_valid, output wire s_ready,
    output wire [12:0] m_data, output wire m_valid, input wire m_ready
);
    logic [1:0] valid, last;
    always_ff @(posedge clk) begin
        valid <= rst_n ? {valid[0], s_valid} : '0;
        last <= {last[0], s_data[8]};
    end
    assign s_ready = 1'b1;
    assign m_valid = valid[1];
    assign m_data[12] = last[1];
    rom #(.WORD_BITS(12), .DEPTH(200), .FORM(FORM), .FILE("rom.hex")) dut (
        .clk, .address(s_data[7:0]), .data(m_data[11:0]));
    wire unused = &{1'b0, m_ready};
endmodule
"""
# Writes every word at its address and reads the word of the address 100 below, which was written 100 words before.
RAM_TOP = """
module ram_top #(parameter FORM = "lut") (
    input wire clk, input wire rst_n,
    input wire [12:0] s_data, input wire s_valid, output wire s_ready,
    output wire [12:0] m_data, output wire m_valid, input wire m_ready
);
    logic [1:0] valid, last;
    logic [7:0] address;
    always_ff @(posedge clk) begin
        valid <= rst_n ? {valid[0], s_valid} : '0;
        last <= {last[0], s_data[12]};
        address <= rst_n ? address + 8'(s_valid) : '0;
    end
    assign s_ready = 1'b1;
    assign m_valid = valid[1];
    assign m_data[12] = last[1];
    ram #(.WORD_BITS(12), .DEPTH(256), .FORM(FORM)) dut (
        .clk, .write(s_valid), .write_address(address), .write_data(s_data[11:0]),
        .read_address(address - 8'd100), .read_data(m_data[11:0]));
    wire unused = &{1'b0, m_ready};
endmodule
"""
# The same, of words of which a quarter is read: the n-th cycle's is the (n mod 4)-th.
PACKED_TOP = (
    RAM_TOP.replace("ram_top", "packed_top")
    .replace("output wire [12:0]", "output wire [3:0]")
    .replace("m_data[12]", "m_data[3]")
    .replace("m_data[11:0]", "m_data[2:0]")
    .replace(".DEPTH(256)", ".DEPTH(256), .PACK(4)")
    .replace("(address - 8'd100)", "({address - 8'd100, address[1:0]})")
)


@pytest.mark.parametrize("form", ["lut", "block"])
def test_rom_shows_its_contents_two_cycles_later(tmp_path: Path, form: str) -> None:
    rng = np.random.default_rng(0)
    contents = rng.integers(0, 4096, 200)
    (tmp_path / "rom.hex").write_text(Memory(tuple(contents.tolist()), 12).hex())
    (tmp_path / "rom_top.sv").write_text(ROM_TOP)
    sources = [FOLDER / "rom.sv", tmp_path / "rom_top.sv"]
    ports = [Port("s", Stream(1, 8), 300)], [Port("m", Stream(1, 12), 300)]
    simulation = compile_simulator("rom_top", sources, *ports, parameters={"FORM": form}, data=tmp_path)
    addresses = rng.integers(0, 200, (2, 300, 1))
    result = simulation.run([addresses])
    assert (result.outputs[0] == contents[addresses]).all()
    assert result.latency == 2


@pytest.mark.parametrize("form", ["lut", "block", "ultra"])
def test_ram_keeps_what_was_written(tmp_path: Path, form: str) -> None:
    (tmp_path / "ram_top.sv").write_text(RAM_TOP)
    sources = [FOLDER / "ram.sv", tmp_path / "ram_top.sv"]
    ports = [Port("s", Stream(1, 12), 600)], [Port("m", Stream(1, 12), 600)]
    simulation = compile_simulator("ram_top", sources, *ports, parameters={"FORM": form})
    words = ports[0][0].stream.random(np.random.default_rng(1), 1, 600)
    result = simulation.run([words])
    assert (result.outputs[0][0, 100:] == words[0, :-100]).all()
    assert result.latency == 2


def test_netlist_of_ultra_ram_keeps_what_was_written(tmp_path: Path) -> None:
    (tmp_path / "ram_top.sv").write_text(RAM_TOP)
    sources = [FOLDER / "ram.sv", tmp_path / "ram_top.sv"]
    made = yosys.synthesize(sources, "ram_top", "xcup", tmp_path / "made", {"FORM": "ultra"})
    assert (made.total.uram, made.total.bram) == (1, 0)
    model = simulation_model(made.json, "ram_top", tmp_path / "model.v")
    ports = [Port("s", Stream(1, 12), 600)], [Port("m", Stream(1, 12), 600)]
    words = ports[0][0].stream.random(np.random.default_rng(1), 1, 600)
    result = compile_simulator("ram_top", [model], *ports, optimise=False).run([words])
    assert (result.outputs[0][0, 100:] == words[0, :-100]).all()


def test_a_word_that_is_written_is_several_that_are_read(tmp_path: Path) -> None:
    (tmp_path / "packed_top.sv").write_text(PACKED_TOP)
    sources = [FOLDER / "ram.sv", tmp_path / "packed_top.sv"]
    ports = [Port("s", Stream(1, 12), 600)], [Port("m", Stream(1, 3), 600)]
    words = ports[0][0].stream.random(np.random.default_rng(1), 1, 600)
    result = compile_simulator("packed_top", sources, *ports).run([words])
    parts = [[int(word) >> 3 * ((index + 100) % 4) & 7] for index, word in enumerate(words[0, :-100, 0])]
    assert result.outputs[0][0, 100:].tolist() == parts


@pytest.mark.parametrize("form", ["lut", "block"])
def test_lint_is_silent(tmp_path: Path, form: str) -> None:
    for name in ("rom", "ram"):
        assert lint(name, [FOLDER / f"{name}.sv"], {"FORM": form}) == []


def synthesize(tmp_path: Path, name: str, family: str, words: int, bits: int, form: str) -> Resources:
    """Synthesize a memory; a ROM has random contents."""
    contents = np.random.default_rng(2).integers(0, 1 << bits, words).tolist()
    (tmp_path / "rom.hex").write_text(Memory(tuple(contents), bits).hex())
    parameters: dict[str, int | str] = {"WORD_BITS": bits, "DEPTH": words, "FORM": form}
    if name == "rom":
        parameters["FILE"] = "rom.hex"
    return yosys.synthesize([FOLDER / f"{name}.sv"], name, family, tmp_path / "made", parameters, data=tmp_path).total


@pytest.mark.parametrize(
    ("name", "family", "words", "bits"), [("rom", "ecp5", 1024, 16), ("ram", "ecp5", 128, 32), ("rom", "xc7", 1024, 18)]
)
def test_block_form_is_block_ram(tmp_path: Path, name: str, family: str, words: int, bits: int) -> None:
    made = synthesize(tmp_path, name, family, words, bits, "block")
    assert made == Resources(ff=bits, bram=memory.block_rams(words, bits)), "the second register is the only logic"


def test_lut_forms_cost_what_is_said(tmp_path: Path) -> None:
    rom = synthesize(tmp_path, "rom", "ecp5", 64, 8, "lut")
    assert rom.bram == 0 and abs(rom.lut - memory.rom_luts(64, 8, "ecp5")) <= 8
    ram = synthesize(tmp_path, "ram", "ecp5", 16, 16, "lut")
    assert (ram.lut, ram.bram) == (memory.ram_luts(16, 16, "ecp5"), 0)


def test_forms() -> None:
    assert memory.choose_form(16, 8, "ecp5") == "lut"
    assert memory.choose_form(64, 32, "ecp5") == "block"
    assert memory.choose_form(64, 32, "xc7") == "lut"
    assert memory.choose_form(65, 1, "xc7") == "block"
    assert memory.choose_form(2, 500, "ecp5") == "lut"
    assert memory.choose_ram_form(16, 16, "ecp5") == "lut"
    assert memory.choose_ram_form(128, 32, "ecp5") == "block"
    assert memory.block_rams(4096, 32) == 8
    assert memory.block_rams(512, 36) == 1


def test_ultra_rams() -> None:
    assert [memory.ultra_rams(*shape) for shape in ((4096, 72), (4097, 72), (1, 73), (12288, 144))] == [1, 2, 2, 6]
    assert memory.worth_ultra(512, 72, "xcup") and not memory.worth_ultra(511, 72, "xcup")
    assert not memory.worth_ultra(4096, 72, "xc7"), "only UltraScale+ has any"
