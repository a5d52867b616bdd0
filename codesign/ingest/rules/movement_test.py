"""Every operator of data movement against onnxruntime, frame by frame and in batches, and the operators it becomes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from codesign.errors import Refused
from codesign.ingest import ingest
from codesign.ingest.testing import Net, assert_follows_qonnx
from codesign.ingest.verify import compare

RNG = np.random.default_rng(8)
Build = Callable[[Net, str], str]


def ints(net: Net, *values: int) -> str:
    return net.const(list(values), np.int64)


def shuffled(net: Net, x: str) -> str:
    """ShuffleNet's: groups and their channels change places."""
    y = net.op("Transpose", net.op("Reshape", x, ints(net, 1, 2, 6, 4, 6)), perm=[0, 2, 1, 3, 4])
    return net.op("Reshape", y, ints(net, 1, 12, 4, 6))


def split(net: Net, x: str, sizes: str = "", **attributes: Any) -> list[str]:
    name = net.op("Split", x, *([sizes] if sizes else []), **attributes)
    net.nodes[-1].output.extend([f"{name}_{i}" for i in (1, 2)])
    return [name, f"{name}_1", f"{name}_2"]


def focus(net: Net, x: str) -> str:
    """Four interleaved images, joined along the channels."""
    parts = [
        net.op("Slice", x, ints(net, i, j), ints(net, 99, 99), ints(net, 2, 3), ints(net, 2, 2))
        for i in (0, 1)
        for j in (0, 1)
    ]
    return net.op("Concat", *parts, axis=1)


def sized(net: Net, x: str) -> str:
    return net.op("Resize", x, "", "", ints(net, 1, 12, 8, 18), mode="nearest")


def scaled(*scales: float, **attributes: str) -> Build:
    return lambda net, x: net.op("Resize", x, "", net.const([1, 1, *scales]), mode="nearest", **attributes)


# Of (1, 12, 4, 6): (the opset, the net, the operators of the graph)
CASES: dict[str, tuple[int, Build, list[str]]] = {
    "flatten and back": (13, lambda n, x: n.op("Reshape", n.op("Flatten", x), ints(n, 0, 12, 4, -1)), []),
    "rows joined": (13, lambda n, x: n.op("Reshape", x, ints(n, 1, 12, -1)), ["Reshape"]),
    "flattened": (13, lambda n, x: n.op("Flatten", x), ["Transpose", "Reshape"]),
    "channels last": (13, lambda n, x: n.op("Transpose", x, perm=[0, 2, 3, 1]), []),
    "height and width": (13, lambda n, x: n.op("Transpose", x, perm=[0, 1, 3, 2]), ["Transpose"]),
    "shuffle": (13, shuffled, ["ChannelShuffle"]),
    "slice": (13, lambda n, x: n.op("Slice", x, ints(n, 2, -5), ints(n, -1, 99), ints(n, 1, 3)), ["Slice"]),
    "slice of all axes": (13, lambda n, x: n.op("Slice", x, ints(n, 0, 3, 1, 0), ints(n, 1, 9, 4, 6)), ["Slice"]),
    "slice with steps": (
        13,
        lambda n, x: n.op("Slice", x, ints(n, 1, 0), ints(n, 9, 6), ints(n, 1, 3), ints(n, 3, 2)),
        ["Slice"],
    ),
    "slice by attributes": (9, lambda n, x: n.op("Slice", x, axes=[1], starts=[-8], ends=[2**31 - 1]), ["Slice"]),
    "channels reversed": (
        13,
        lambda n, x: n.op("Slice", x, ints(n, -1), ints(n, -99), ints(n, 1), ints(n, -1)),
        ["ChannelShuffle"],
    ),
    "split by input": (
        13,
        lambda n, x: n.op("Concat", *split(n, x, ints(n, 3, 4, 5), axis=1)[::-1], axis=1),
        ["ChannelShuffle"],
    ),
    "split by attribute": (11, lambda n, x: split(n, x, split=[3, 4, 5], axis=1)[1], ["Slice"]),
    "split in equal parts": (13, lambda n, x: split(n, x, axis=-1)[2], ["Slice"]),
    "split with a smaller last part": (
        18,
        lambda n, x: split(n, n.op("Slice", x, ints(n, 0), ints(n, 11), ints(n, 1)), axis=1, num_outputs=3)[2],
        ["Slice"],
    ),
    "gather of a list": (13, lambda n, x: n.op("Gather", x, ints(n, 7, 2, 11, 0), axis=1), ["ChannelShuffle", "Slice"]),
    "channels of zeros": (13, lambda n, x: n.op("Pad", x, ints(n, 0, 1, 0, 0, 0, 2, 0, 0)), ["MatMul"]),
    "channels of zeros and padding": (
        13,
        lambda n, x: n.op("Pad", x, ints(n, 0, 1, 2, 0, 0, 0, 1, 3)),
        ["MatMul", "Pad"],
    ),
    "gather of one": (13, lambda n, x: n.op("Gather", x, n.const(2, np.int64), axis=2), ["Slice", "Reshape"]),
    "expand": (
        13,
        lambda n, x: n.op("Expand", n.op("Slice", x, ints(n, 1), ints(n, 2), ints(n, 3)), ints(n, 1, 1, 1, 5)),
        ["Slice", "Expand"],
    ),
    "tile of a row": (
        13,
        lambda n, x: n.op("Tile", n.op("Slice", x, ints(n, 1), ints(n, 2), ints(n, 2)), ints(n, 1, 1, 3, 1)),
        ["Slice", "Expand"],
    ),
    "tile": (13, lambda n, x: n.op("Tile", x, ints(n, 1, 1, 1, 2)), ["Concat"]),
    "focus": (13, focus, ["Reshape", "Transpose", "Reshape"]),
    "nearest by 2 and 3": (
        13,
        scaled(2, 3, coordinate_transformation_mode="asymmetric", nearest_mode="floor"),
        ["Upsample"],
    ),
    "nearest at half pixels": (13, scaled(2, 3), ["Upsample"]),
    "nearest down": (13, scaled(0.5, 1, coordinate_transformation_mode="asymmetric", nearest_mode="floor"), ["Slice"]),
    "nearest down at half pixels": (13, scaled(0.5, 0.5), ["Slice"]),
    "half as many again, opset 10": (
        10,
        lambda n, x: n.op("Resize", x, n.const([1, 1, 1, 1.5]), mode="nearest"),
        ["Slice", "Expand", "Slice", "Slice", "Slice", "Concat"],
    ),
    "nearest down to a third": (13, scaled(1, 1 / 3), ["Slice"]),
    "nearest to a size": (13, sized, ["Upsample"]),
    "nearest, opset 10": (10, lambda n, x: n.op("Resize", x, n.const([1, 1, 2, 2]), mode="nearest"), ["Upsample"]),
    "upsample, opset 9": (9, lambda n, x: n.op("Upsample", x, n.const([1, 1, 2, 2]), mode="nearest"), ["Upsample"]),
    "pixel shuffle": (13, lambda n, x: n.op("DepthToSpace", x, blocksize=2), ["Reshape", "Transpose", "Reshape"]),
    "pixel shuffle of torch": (
        13,
        lambda n, x: n.op("DepthToSpace", x, blocksize=2, mode="CRD"),
        ["Reshape", "Transpose", "Reshape"],
    ),
    "space to depth": (13, lambda n, x: n.op("SpaceToDepth", x, blocksize=2), ["Reshape", "Transpose", "Reshape"]),
    "to depth and back": (13, lambda n, x: n.op("DepthToSpace", n.op("SpaceToDepth", x, blocksize=2), blocksize=2), []),
    "cast": (13, lambda n, x: n.op("Cast", x, to=1), []),
    "reflected": (
        13,
        lambda n, x: n.op("Pad", x, ints(n, 0, 0, 1, 0, 0, 0, 0, 1), mode="reflect"),
        ["Slice", "Concat"] * 2,
    ),
    "edges": (
        13,
        lambda n, x: n.op("Pad", x, ints(n, 0, 0, 0, 1, 0, 0, 0, 2), mode="edge"),
        ["Slice", "Expand", "Slice", "Slice", "Expand", "Concat"],
    ),
    "padded and shuffled": (
        13,
        lambda n, x: shuffled(
            n, n.op("Slice", n.op("Pad", x, ints(n, 0, 0, 1, 0, 0, 0, 1, 0)), ints(n, 0), ints(n, 4), ints(n, 2))
        ),
        ["Pad", "Slice", "ChannelShuffle"],
    ),
    "padded with 1": (13, lambda n, x: n.op("Pad", x, ints(n, 0, 0, 1, 0, 0, 0, 1, 2), n.const(1.0)), ["Pad"]),
    "cut by negative pads": (13, lambda n, x: n.op("Pad", x, ints(n, 0, 0, -1, 1, 0, -2, 0, -2)), ["Slice", "Pad"]),
    "pads of some axes": (18, lambda n, x: n.op("Pad", x, ints(n, 1, 2), "", ints(n, 3)), ["Pad"]),
    "shape from the tensor": (
        13,
        lambda n, x: n.op(
            "Reshape",
            x,
            n.op(
                "Concat",
                n.op("Unsqueeze", n.op("Gather", n.op("Shape", x), n.const(0, np.int64)), ints(n, 0)),
                ints(n, -1, 24),
                axis=0,
            ),
        ),
        ["Reshape"],
    ),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("scaled_by_channel", [False, True])
def test_movement(tmp_path: Path, case: str, scaled_by_channel: bool) -> None:
    opset, build, kinds = CASES[case]
    net = Net((1, 12, 4, 6), opset)
    if not scaled_by_channel:
        y = build(net, net.quant("x", 0.25, 6))
        graph = assert_follows_qonnx(net, y, tmp_path / "m.onnx")
        assert [type(op).__name__ for op in graph.operators] == kinds
    if case == "padded with 1":  # what the float32 witness does not run
        return
    # Behind an accumulator with a scale for each channel, in front of a quantizer; any scales.
    net = Net((1, 12, 4, 6), opset)
    w = net.weights(RNG.standard_normal((12, 3, 1, 1)), None if scaled_by_channel else 0.3)
    y = build(net, net.op("Conv", net.quant("x", 0.1, 4), w, kernel_shape=[1, 1], group=4))
    path = net.save(net.quant(net.op("Relu", y), 0.23, 5, 0), tmp_path / "n.onnx")
    graph, report = ingest(path, "n")
    result = compare(graph, path, RNG.standard_normal((5, 12, 4, 6)).astype(np.float32), report)
    assert result.exact, result.first
    assert result.output_error < 1e-12


REFUSED: dict[str, tuple[Build, str]] = {
    "linear": (lambda n, x: n.op("Resize", x, "", n.const([1, 1, 2, 2]), mode="linear"), "mode is linear.*nearest"),
    "positions in any order": (
        lambda n, x: n.op(
            "Gather", n.op("Tile", x, ints(n, 1, 1, 1, 9)), ints(n, *np.random.default_rng(0).permutation(54)), axis=3
        ),
        "4x54x12 out of 4x6x12.*repeats by whole factors",
    ),
    "batch": (lambda n, x: n.op("Transpose", x, perm=[1, 0, 2, 3]), "moves the batch axis"),
    "batch by reshape": (lambda n, x: n.op("Reshape", x, ints(n, 12, 24)), "first axis is not the batch"),
    "gather of the batch": (lambda n, x: n.op("Gather", x, ints(n, 0), axis=0), "its axis is 0 of 4"),
    "split that does not add up": (
        lambda n, x: split(n, x, ints(n, 3, 4, 4), axis=1)[0],
        r"splits 12 into \[3, 4, 4\]",
    ),
    "padded with a third": (
        lambda n, x: n.op("Pad", x, ints(n, 0, 0, 0, 1, 0, 0, 0, 0), n.const(1 / 3)),
        "pads with 0.333",
    ),
    "a channel of ones": (
        lambda n, x: n.op("Pad", x, ints(n, 0, 1, 0, 0, 0, 0, 0, 0), n.const(1.0)),
        "or channels with zeros",
    ),
    "a constant beside": (
        lambda n, x: n.op("Concat", x, n.const(np.ones((1, 1, 4, 6))), axis=1),
        "joins stored values",
    ),
}


def test_a_fraction_of_the_positions_before_opset_11_is_refused(tmp_path: Path) -> None:
    net = Net((1, 12, 4, 6), 10)
    y = net.op("Resize", net.quant("x", 0.25, 6), net.const([1, 1, 1, 2 / 3]), mode="nearest")
    with pytest.raises(Refused, match=r"makes 4 of 6 positions.*opset 11"):
        ingest(net.save_raw(y, tmp_path / "m.onnx"), "m")


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_moved_is_refused(tmp_path: Path, case: str) -> None:
    build, message = REFUSED[case]
    net = Net((1, 12, 4, 6))
    path = net.save_raw(build(net, net.quant("x", 0.25, 6)), tmp_path / "m.onnx")
    with pytest.raises(Refused, match=message):
        ingest(path, "m")
