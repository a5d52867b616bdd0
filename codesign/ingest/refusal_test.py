"""Every bad model ends in sentences that name node, value and remedy; all of them at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper
from onnx.external_data_helper import convert_model_to_external_data

from codesign.errors import Refused, UserError
from codesign.ingest import ingest
from codesign.ingest.file.model import parse
from codesign.ingest.testing import Net

RNG = np.random.default_rng(0)


def conv(net: Net, x: str, weights: str | None = None) -> str:
    weights = weights or net.weights(RNG.standard_normal((4, 4, 3)))
    return net.op("Conv", x, weights, kernel_shape=[3], pads=[1, 1], strides=[1], dilations=[1], group=1)


def q(net: Net, x: str = "x", scale: object = 0.1) -> str:
    return net.quant(x, scale, 4)


def norm(net: Net, x: str, n: int = 4) -> str:
    return net.bn(x, *RNG.uniform(0.5, 1, (4, n)))


def double_weights(net: Net) -> str:
    return conv(net, q(net), q(net, q(net)))


CASES: dict[str, tuple[Callable[[Net], str], str]] = {
    "unsupported operator": (
        lambda n: q(n, n.op("LRN", q(n), size=3)),
        r"LRN '.*: no exact integer rule for LRN\. Remedy: use BatchNormalization",
    ),
    "foreign domain": (lambda n: q(n, n.op("Add", q(n), domain="my.own")), r"my\.own\.Add.*export Add of ONNX's own"),
    "float weights": (
        lambda n: q(n, conv(n, q(n), n.const(np.ones((4, 4, 3))))),
        "Conv '.*weights are not quantized.*Remedy: give the layer a weight quantizer",
    ),
    "float input": (lambda n: q(n, conv(n, "x")), "reads the model's input as floats.*QuantIdentity"),
    "two input quantizers": (lambda n: n.op("Add", q(n), q(n)), "second quantizer on the model's input"),
    "unequal scales between an Add and a Conv": (
        lambda n: conv(n, n.op("Add", q(n, q(n)), q(n, q_of_input(n), 0.3))),
        r"sum of two tensors of different scales \(0\.1.* and 0\.3.*same quantizer",
    ),
    "unequal scales at the end": (
        lambda n: n.op("Sub", q(n, q(n)), q(n, q_of_input(n), 0.3)),
        r"output '.*sum of two tensors of different scales \(0\.1.* and 0\.3.*same quantizer",
    ),
    "fractional zero point": (lambda n: n.quant("x", 0.1, 4, zero=0.5), r"zero point is 0\.5, not one integer"),
    "fractional bit width": (lambda n: n.quant("x", 0.1, 3.5), r"bit width is 3\.5"),
    "zero scale": (lambda n: n.quant("x", [0.1, 0, 1, 1], 4), "scale holds a zero"),
    "nan scale": (lambda n: n.quant("x", np.nan, 4), "not finite"),
    "unknown rounding": (lambda n: n.quant("x", 0.1, 4, mode="STOCHASTIC"), "rounding mode is STOCHASTIC"),
    "no quantizer between": (
        lambda n: q(n, conv(n, norm(n, conv(n, q(n))))),
        "no quantizer between 'BatchNorm.* and it",
    ),
    "scale per channel": (
        lambda n: q(n, conv(n, q(n, scale=np.array([[[0.1], [0.2], [0.3], [0.4]]])))),
        "sums input channels of different scales.*one activation scale",
    ),
    "scale per position": (lambda n: q(n, scale=np.full((1, 1, 8), 0.1) + np.arange(8)), "differs along another axis"),
    "padded with ones": (
        lambda n: conv(n, n.op("Pad", q(n), n.const([0, 0, 1, 0, 0, 1], np.int64), n.const(1.0))),
        r"pads with 1.0, which is no integer of its input's scale 0\.1",
    ),
    "offset before a padded convolution": (
        lambda n: conv(n, n.op("Add", q(n), n.const(0.7))),
        "values with an offset.*put a quantizer before it",
    ),
    "inconsistent attributes": (
        lambda n: n.op("Conv", q(n), n.weights(np.ones((4, 4, 3))), kernel_shape=[3], strides=[1, 1]),
        r"Conv '.*its strides are \[1, 1\], for 1 spatial axes.*export the model again",
    ),
    "bias of another shape": (
        lambda n: n.op("Conv", q(n), n.weights(np.ones((4, 4, 3))), n.const(np.ones((4, 1))), kernel_shape=[3]),
        r"bias has the shape \(4, 1\), not \(4,\)",
    ),
    "kernel of another shape": (
        lambda n: n.op("Conv", q(n), n.weights(np.ones((4, 4, 3))), kernel_shape=[2]),
        r"kernel_shape is \[2\], but its weights have \(3,\)",
    ),
    "flag of 5": (lambda n: n.quant("x", 0.1, 4, narrow=5), "'narrow': 5.*0 or 1"),
    "wide accumulator": (
        lambda n: conv(n, n.quant("x", 0.1, 24), n.quant(n.const(np.ones((4, 4, 3))), 1e-3, 12)),
        "sums need 3. bits, more than 32",
    ),
    "dynamic divisor": (lambda n: q(n, n.op("Div", q_of_input(n), q(n, q_of_input(n)))), "both operands depend"),
    "sigmoid at the end": (lambda n: n.op("Sigmoid", q(n)), "output '.*stays in floats and is not affine"),
    "constant arithmetic": (
        lambda n: q(n, conv(n, q(n), n.op("Exp", n.const(np.ones((4, 4, 3)))))),
        "works on constants alone.*fold constants first",
    ),
    "division by zero": (lambda n: q(n, n.op("Div", q(n), n.const(0.0))), "divides by zero"),
    "mean over the batch": (lambda n: n.op("ReduceMean", q(n), axes=[0]), r"works over the axes \[0\].*the batch"),
    "parameter of another shape": (lambda n: q(n, n.op("Add", q(n), n.const(np.ones((3, 1))))), r"shape \(3, 1\)"),
    "too many levels": (lambda n: n.quant(n.quant("x", 1e-7, 26), 1e-7, 26), "levels for 4 channels"),
}


def q_of_input(net: Net) -> str:
    """The input's one quantizer, made when first asked for."""
    made = next((n.output[0] for n in net.nodes if n.op_type == "Quant" and n.input[0] == "x"), None)
    return made or q(net)


@pytest.mark.parametrize("case", CASES)
def test_a_bad_model_is_refused_with_reason_and_remedy(tmp_path: Path, case: str) -> None:
    build, expected = CASES[case]
    net = Net((1, 4, 8))
    path = net.save_raw(build(net), tmp_path / "m.onnx")
    with pytest.raises(Refused, match=expected) as error:
        ingest(path, "m")
    assert "for 1 reason:" in str(error.value), str(error.value)
    assert "Remedy: " in str(error.value)
    assert error.value.exit_status == 2


def test_all_reasons_at_once_and_no_consequences(tmp_path: Path) -> None:
    net = Net((1, 4, 8))
    x = conv(net, q(net), net.const(np.ones((4, 4, 3))))  # 1: float weights
    x = net.op("LRN", norm(net, x), size=3)  # a consequence, but 2: no rule
    x = net.op("LRN", x, size=3)
    x = q(net, x)  # from here on the quantizer tells what is known
    x = net.quant(conv(net, norm(net, conv(net, x))), 0.1, 4, zero=0.25)  # 3: floats into a Conv; 4: zero point
    with pytest.raises(Refused, match="for 4 reasons") as error:
        ingest(net.save(x, tmp_path / "m.onnx"), "m")
    text = str(error.value)
    assert "(and 1 more of this type)" in text
    for part in ("not quantized", "no exact integer rule", "no quantizer between", "zero point is 0.25"):
        assert part in text


@pytest.mark.parametrize(
    ("shape", "expected"),
    [((1, 4, "T"), r"\(1, 4, \?\) is not fixed"), ((7, 4, 8), "batch of 1"), ((1, 4, None), "is not fixed")],
)
def test_the_input_must_be_one_frame_of_fixed_size(tmp_path: Path, shape: tuple[object, ...], expected: str) -> None:
    net = Net(shape)
    with pytest.raises(Refused, match=f"input 'x'.*{expected}"):
        ingest(net.save_raw(q(net), tmp_path / "m.onnx"), "m")


def test_a_symbolic_batch_is_taken(tmp_path: Path) -> None:
    net = Net(("N", 4, 8))
    graph, _ = ingest(net.save_raw(q(net), tmp_path / "m.onnx"), "m")
    assert graph.head.model_shape == (4, 8)


def test_dead_branches_do_not_matter(tmp_path: Path) -> None:
    net = Net((1, 4, 8))
    x = q(net)
    net.op("LRN", x, size=3)
    graph, _ = ingest(net.save_raw(conv(net, x), tmp_path / "m.onnx"), "m")
    assert len(graph.operators) == 1


def test_two_outputs_are_refused(tmp_path: Path) -> None:
    net = Net((1, 4, 8))
    x = q(net)
    model = net.model(q(net, x))
    model.graph.output.append(helper.make_tensor_value_info(x, TensorProto.FLOAT, None))
    onnx.save(model, str(tmp_path / "m.onnx"))
    with pytest.raises(Refused, match="it has 2 outputs"):
        ingest(tmp_path / "m.onnx", "m")


def test_a_file_that_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"none\.onnx does not exist"):
        ingest(tmp_path / "none.onnx", "m")
    for content in (b"", b"hello, this is no protobuf", bytes(range(256)) * 9):
        (tmp_path / "m.onnx").write_bytes(content)
        with pytest.raises(UserError, match=r"m\.onnx is not an ONNX"):
            ingest(tmp_path / "m.onnx", "m")


def test_a_model_without_quantizers(tmp_path: Path) -> None:
    net = Net((1, 4, 8))
    with pytest.raises(UserError, match=r"holds no quantizer.*export_qonnx"):
        ingest(net.save_raw(net.op("Relu", "x"), tmp_path / "m.onnx"), "m")


def test_a_dangling_tensor(tmp_path: Path) -> None:
    net = Net((1, 4, 8))
    with pytest.raises(Refused, match="reads 'nowhere', which nothing before it makes"):
        ingest(net.save_raw(net.op("Add", q(net), "nowhere"), tmp_path / "m.onnx"), "m")
    q(net)
    model = net.model("nothing_makes_this")
    onnx.save(model, str(tmp_path / "m.onnx"))
    with pytest.raises(Refused, match="output 'nothing_makes_this': nothing makes it"):
        ingest(tmp_path / "m.onnx", "m")


def test_a_malformed_node(tmp_path: Path) -> None:
    net = Net((1, 4, 8))
    x = q(net)
    with pytest.raises(Refused, match="is not as ONNX defines it"):
        ingest(net.save_raw(net.op("Conv", x), tmp_path / "m.onnx"), "m")


def external(tmp_path: Path) -> Path:
    net = Net((1, 4, 8))
    model = net.model(conv(net, q(net)))
    convert_model_to_external_data(model, location="weights.bin", size_threshold=0)
    folder = tmp_path / "inside"
    folder.mkdir()
    onnx.save(model, str(folder / "m.onnx"))
    return folder / "m.onnx"


def test_external_data_are_read_from_beside_the_model(tmp_path: Path) -> None:
    path = external(tmp_path)
    graph, _ = ingest(path, "m")
    assert graph.operators
    copy = tmp_path / "copy.onnx"
    onnx.save(parse(path), str(copy))  # what was read is whole: it can be saved elsewhere
    ingest(copy, "m")


def test_missing_external_data(tmp_path: Path) -> None:
    path = external(tmp_path)
    (path.parent / "weights.bin").unlink()
    with pytest.raises(
        Refused,
        match=r"(?s)for 1 reason:.*\(and 6 more\): it needs weights\.bin, which is missing\. Remedy: copy it beside",
    ):
        ingest(path, "m")


@pytest.mark.parametrize("where", ["../weights.bin", "{absolute}", "link.bin"])
def test_external_data_outside_the_folder(tmp_path: Path, where: str) -> None:
    path = external(tmp_path)
    (path.parent / "weights.bin").rename(tmp_path / "weights.bin")
    (path.parent / "link.bin").symlink_to(tmp_path / "weights.bin")
    model = onnx.load(str(path), load_external_data=False)
    for tensor in model.graph.initializer:
        for entry in tensor.external_data:
            if entry.key == "location":
                entry.value = where.format(absolute=tmp_path / "weights.bin")
    path.write_bytes(model.SerializeToString())
    with pytest.raises(UserError, match="outside the model's folder"):
        ingest(path, "m")
