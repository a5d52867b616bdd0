"""What a package of hls4ml's says of cycles before there is a synthesis: a bound that is one, and is said to be one."""

from __future__ import annotations

from pathlib import Path

import pytest
from codesign_board.package import is_bound

from codesign.deploy.hls4ml import bound
from codesign.ingest import ingest
from codesign.ingest.testing import Net
from hw.hls4ml.target import Target

WRAPPED = Target("VivadoAccelerator", "xc7z020clg400-1", "pynq-z2", 100.0)
CORE = Target("Vitis", "xczu7ev-ffvc1156-2-e", "", 200.0)


@pytest.mark.parametrize(
    ("target", "io_type", "cycles", "what"),
    [
        (WRAPPED, "io_stream", 4 * 3 * 5, "word"),
        (WRAPPED, "io_parallel", 4 * 3 * 5, "word"),
        (CORE, "io_stream", 3 * 5, "position"),
        (CORE, "io_parallel", 1, "frame"),
    ],
)
def test_the_bound_is_what_goes_in_or_out_in_a_cycle(
    target: Target, io_type: str, cycles: int, what: str, tmp_path: Path
) -> None:
    net = Net((1, 4, 3, 5))
    path = net.save_raw(net.op("Relu", net.quant("x", 0.1, 4)), tmp_path / "relu.onnx")
    graph, _ = ingest(path, "relu")
    assert graph.tensors[graph.input].shape == (3, 5, 4)
    found = bound(graph, target, io_type)
    assert found == {"interval": cycles, "first_frame": cycles, "source": f"bound: at best a cycle a {what}"}
    assert is_bound(found["source"])
