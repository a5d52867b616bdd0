"""The netlist of a circuit with a bit of everything does what its RTL does, and a wrong bit in it is seen."""

import json
from pathlib import Path

import numpy as np
import pytest

from codesign.errors import ToolFailed
from hw.design.stream import Port, Stream
from hw.sim import Stalls, compile_simulator
from hw.synth.netlist import library_model, simulation_model
from hw.synth.netlist_cells import lookup
from hw.synth.yosys import Synthesis, synthesize

HERE = Path(__file__).parent / "testdata"
INPUT, OUTPUT = Port("s", Stream(1, 16), 40), Port("m", Stream(2, 64), 40)
MEMORIES = (("rom", 1024, 18), ("broad", 512, 36), ("deep", 8192, 2), ("nine", 2048, 9), ("few", 32, 6))
FAMILIES = ("ecp5", "xc7", "xcup")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    for name, words, bits in MEMORIES:
        contents = np.random.default_rng(words).integers(0, 1 << bits, words)
        (folder / f"{name}.hex").write_text("".join(f"{word:x}\n" for word in contents))
    return folder


@pytest.fixture(scope="module", params=FAMILIES)
def synthesis(request: pytest.FixtureRequest, data: Path, tmp_path_factory: pytest.TempPathFactory) -> Synthesis:
    return synthesize([HERE / "circuits.sv"], "circuits", request.param, tmp_path_factory.mktemp("out"), data=data)


def simulate(source: Path, data: Path, optimise: bool = False) -> np.ndarray:
    simulator = compile_simulator("circuits", [source], [INPUT], [OUTPUT], data=data, optimise=optimise)
    words = np.random.default_rng(6).integers(0, 1 << 16, (60, 40, 1))
    words[10:20] %= 64  # near each other, so that what was written is read
    return simulator.run([words], stalls=Stalls(0.1, 3, 7)).outputs[0]


def test_netlist_equals_rtl(synthesis: Synthesis, data: Path) -> None:
    expected = simulate(HERE / "circuits.sv", data)
    model = simulation_model(synthesis.json, "circuits", synthesis.json.with_name("model.v"))
    assert np.array_equal(simulate(model, data), expected)
    assert len(np.unique(expected[:, :, 0])) > 2000  # the circuit does something


def test_the_circuit_holds_what_it_should(synthesis: Synthesis) -> None:
    rare = {"ecp5": {"DP16KD", "MULT18X18D", "TRELLIS_DPR16X4", "CCU2C", "PFUMX"}}
    rare |= {"xc7": {"DSP48E1", "CARRY4", "RAM32M"}, "xcup": {"DSP48E2", "CARRY4", "RAM32M16"}}
    assert rare[synthesis.family] <= set(synthesis.cells), synthesis.cells
    assert synthesis.total.bram >= 4 and synthesis.total.dsp >= 2 and synthesis.total.lut > 100


def test_one_wrong_bit_of_a_lut_is_seen(synthesis: Synthesis, data: Path) -> None:
    expected = simulate(HERE / "circuits.sv", data)
    netlist = json.loads(synthesis.json.read_text())
    luts = [c for c in netlist["modules"]["circuits"]["cells"].values() if c["type"] in ("LUT4", "LUT5", "LUT6")]
    lut = luts[len(luts) // 2]
    bits = lut["parameters"]["INIT"]
    lut["parameters"]["INIT"] = bits[:-1] + ("0" if bits[-1] == "1" else "1")
    broken = synthesis.json.with_name("broken.json")
    broken.write_text(json.dumps(netlist))
    assert not np.array_equal(simulate(simulation_model(broken, "circuits", broken.with_suffix(".v")), data), expected)


def test_pairs_and_parities_by_truth_table() -> None:
    for inputs, tables in ((2, range(16)), (3, (0x96, 0x69))):
        for table in tables:
            text = lookup(table, [f"v{i}" for i in range(inputs)]).replace("1'b", "")
            if ">>" in text:
                continue  # a shifted table is the table itself
            for index in range(1 << inputs):
                values = {f"v{i}": index >> i & 1 for i in range(inputs)}
                assert eval(text, {}, values) & 1 == table >> index & 1, (table, text)


@pytest.mark.parametrize("bits", range(1, 6))
def test_lookup_folds_constants(bits: int) -> None:
    rng = np.random.default_rng(bits)
    table = int(rng.integers(0, 1 << (1 << bits)))
    for index in range(1 << bits):
        inputs = [f"1'b{index >> i & 1}" for i in range(bits)]
        assert lookup(table, inputs) == f"1'b{table >> index & 1}"
    assert lookup(0b10, ["a"]) == "a" and lookup(0b1000, ["1'b1", "b"]) == "b" and lookup(0b0111, ["a", "1'b1"]) == "~a"


def test_what_is_not_modelled_is_refused(synthesis: Synthesis, tmp_path: Path) -> None:
    netlist = json.loads(synthesis.json.read_text())
    dsp = next(c for c in netlist["modules"]["circuits"]["cells"].values() if c["type"].startswith(("MULT", "DSP")))
    dsp["type"] = "DSP99"
    (tmp_path / "strange.json").write_text(json.dumps(netlist))
    with pytest.raises(ToolFailed, match="a cell DSP99, for which there is no simulation model"):
        simulation_model(tmp_path / "strange.json", "circuits", tmp_path / "strange.v")
    assert "specify" not in library_model("SRLC32E")
