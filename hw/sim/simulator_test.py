from pathlib import Path

import numpy as np
import pytest

from codesign.errors import MissingTool, ToolFailed, UserError, VerificationFailed
from hw.design.stream import Port, Stream
from hw.sim import Simulator, Stalls, compile_simulator, lint, tools

STREAM, WORDS = Stream(2, 8), 6

# Looks its first lane up in a memory, one word at a time; a flag is high where lane 1 is 255.
LOOKUP = """
module lookup #(parameter FILE = "") (
    input  wire        clk, rst_n,
    input  wire [16:0] s_data, input wire s_valid, output wire s_ready,
    output reg  [16:0] m_data, output reg m_valid, input wire m_ready,
    output reg         full
);
    reg [7:0] mem [0:255];
    initial $readmemh(FILE, mem);
    assign s_ready = !m_valid;
    always @(posedge clk) begin
        m_valid <= rst_n && (m_valid ? !m_ready : s_valid);
        full    <= s_valid && s_ready && s_data[15:8] == 255;
        if (s_valid && s_ready) m_data <= {s_data[16:8], mem[s_data[7:0]]};
    end
endmodule
"""


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "lookup.sv").write_text(LOOKUP)
    (tmp_path / "table.hex").write_text("".join(f"{(7 * i + 3) % 256:02x}\n" for i in range(256)))
    return tmp_path


def build(folder: Path, file: str = "table.hex", words: int = WORDS) -> Simulator:
    port = Port("s", STREAM, words), Port("m", STREAM, words)
    return compile_simulator(
        "lookup",
        [folder / "lookup.sv"],
        port[:1],
        port[1:],
        parameters={"FILE": file},
        data=folder,
        flags=["full"],
        optimise=False,
    )


def test_words_cycles_and_flags(files: Path) -> None:
    x = STREAM.random(np.random.default_rng(0), 5, WORDS)
    x[2, 3, 1] = x[4, 5, 1] = 255
    here = Path.cwd()
    result = build(files).run([x])
    assert Path.cwd() == here
    np.testing.assert_array_equal(result.outputs[0][..., 0], (7 * x[..., 0] + 3) % 256)
    np.testing.assert_array_equal(result.outputs[0][..., 1], x[..., 1])
    np.testing.assert_array_equal(result.last[0], [[False] * 5 + [True]] * 5)
    assert (result.first_taken, result.first_shown, result.latency, result.interval) == (0, 1, 1, 2 * WORDS)
    assert result.cycles == 5 * 2 * WORDS
    np.testing.assert_array_equal(result.frame_cycles[0], np.arange(1, 6) * 2 * WORDS - 1)
    assert result.flags == {"full": (x[..., 1] == 255).sum()}


def test_stalls_slow_it_down_and_change_nothing(files: Path) -> None:
    x = STREAM.random(np.random.default_rng(0), 50, WORDS)
    simulator = build(files)
    free, stalled = simulator.run([x]), simulator.run([x], stalls=Stalls(0.5, burst=4, seed=3), probe=0.5)
    np.testing.assert_array_equal(free.outputs[0], stalled.outputs[0])
    assert stalled.cycles > 2 * free.cycles
    assert simulator.run([x], stalls=Stalls(0.5, burst=4, seed=3), probe=0.5).cycles == stalled.cycles


def test_a_run_that_stops_names_the_place(files: Path) -> None:
    x = STREAM.random(np.random.default_rng(0), 2, WORDS)
    simulator = build(files)
    with pytest.raises(VerificationFailed, match=r"output m\[0\], frame 1, word 5, .*no word moved for 99 cycles"):
        simulator.run_words([(x.reshape(-1, 2)[:11], np.zeros(11, bool))], [12], timeout=99)
    with pytest.raises(VerificationFailed, match="word more than expected"):
        simulator.run_words([(x.reshape(-1, 2), np.zeros(12, bool))], [11], drain=5)
    with pytest.raises(UserError, match=r"input s must have shape \(2, 6, 2\), not \(2, 5, 2\)"):
        simulator.run([x[:, :5]])


def test_faulty_files(files: Path) -> None:
    with pytest.raises(ToolFailed, match=r"file not found: absent\.hex"):
        build(files, "absent.hex")
    (files / "lookup.sv").write_text(LOOKUP.replace("reg [7:0] mem", "reg [7:0] memo"))
    with pytest.raises(ToolFailed, match=r"Verilator failed: %Error.*mem.*\(all of it: .*\.log\)"):
        build(files)


def test_lint_sees_an_unused_bit(files: Path) -> None:
    assert not any("UNUSEDSIGNAL" in line for line in lint("lookup", [files / "lookup.sv"], {"FILE": "x"}))
    (files / "lookup.sv").write_text(LOOKUP.replace("{s_data[16:8]", "{9'd0"))
    assert any("UNUSEDSIGNAL" in line for line in lint("lookup", [files / "lookup.sv"], {"FILE": "x"}))


def test_a_missing_compiler_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CXX", "no-such-compiler")
    tools.compiler.cache_clear()
    with pytest.raises(MissingTool, match="C\\+\\+ compiler"):
        tools.compiler()
    tools.compiler.cache_clear()
