"""What is wrong with a model as a whole, and with its file: each case in one sentence, all of them in one report."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import ModelProto, TensorProto, helper
from onnx.external_data_helper import convert_model_to_external_data

from codesign.errors import Refused, UserError
from codesign.ingest import ingest, ingest_model
from codesign.ingest.file.cleanup import clean
from codesign.ingest.file.model import parse, read
from codesign.ingest.testing import Net

RNG = np.random.default_rng(0)


def model(opset: int = 13) -> ModelProto:
    net = Net((1, 4, 8), opset)
    x = net.op("Conv", net.quant("x", 0.1, 4), net.weights(RNG.standard_normal((4, 4, 3))), kernel_shape=[3])
    return net.model(net.quant(net.op("Relu", x), 0.3, 4, 0))


def written(proto: ModelProto, path: Path) -> Path:
    path.write_bytes(proto.SerializeToString())
    return path


def subgraph(proto: ModelProto) -> None:
    body = helper.make_graph([], "then", [], [])
    proto.graph.node.append(
        helper.make_node("If", [proto.graph.output[0].name], ["y"], name="branch", then_branch=body, else_branch=body)
    )
    proto.graph.output[0].name = "y"


def function(proto: ModelProto) -> None:
    made = helper.make_function("own", "Twice", ["a"], ["b"], [helper.make_node("Add", ["a", "a"], ["b"])], [])
    proto.functions.append(made)
    proto.graph.node.append(helper.make_node("Twice", [proto.graph.output[0].name], ["y"], "twice", domain="own"))
    proto.graph.output[0].name = "y"


def sparse(proto: ModelProto) -> None:
    values = helper.make_tensor("few", TensorProto.FLOAT, [1], [2.0])
    proto.graph.sparse_initializer.append(
        helper.make_sparse_tensor(values, helper.make_tensor("i", TensorProto.INT64, [1], [0]), [4])
    )


def cycle(proto: ModelProto) -> None:
    last = proto.graph.output[0].name
    proto.graph.node.append(helper.make_node("Add", [last, "b"], ["a"], "first"))
    proto.graph.node.append(helper.make_node("Relu", ["a"], ["b"], "second"))
    proto.graph.output[0].name = "b"


def made_twice(proto: ModelProto) -> None:
    proto.graph.node.append(helper.make_node("Relu", ["x"], [proto.graph.output[0].name], "again"))


def made_and_stored(proto: ModelProto) -> None:
    proto.graph.node[-1].output[0] = proto.graph.initializer[0].name
    proto.graph.output[0].name = proto.graph.initializer[0].name


def stored_twice(proto: ModelProto) -> None:
    proto.graph.initializer.append(proto.graph.initializer[0])


def set_opset(version: int) -> Callable[[ModelProto], None]:
    def change(proto: ModelProto) -> None:
        next(o for o in proto.opset_import if not o.domain).version = version

    return change


def no_opset(proto: ModelProto) -> None:
    del proto.opset_import[:]


def newer_format(proto: ModelProto) -> None:
    proto.ir_version = 99


def torn_weights(proto: ModelProto) -> None:
    weights = max(proto.graph.initializer, key=lambda t: len(t.raw_data))
    weights.raw_data = weights.raw_data[:-3]


def nan_weights(proto: ModelProto) -> None:
    weights = max(proto.graph.initializer, key=lambda t: len(t.raw_data))
    weights.raw_data = np.full(weights.dims, np.nan, np.float32).tobytes()


def huge_weights(proto: ModelProto) -> None:
    weights = max(proto.graph.initializer, key=lambda t: len(t.raw_data))
    weights.dims[0] = 2**40


def huge_constant(proto: ModelProto) -> None:
    proto.graph.initializer.append(helper.make_tensor("sizes", TensorProto.INT64, [2], [2**20, 2**20]))
    node = helper.make_node("ConstantOfShape", ["sizes"], ["ones"], "blown_up")
    proto.graph.node.append(node)
    proto.graph.node.append(helper.make_node("Add", [proto.graph.output[0].name, "ones"], ["y"], "sum"))
    proto.graph.output[0].name = "y"


def no_tensor(proto: ModelProto) -> None:
    proto.graph.input[0].type.CopyFrom(helper.make_sequence_type_proto(proto.graph.input[0].type))


def two_inputs(proto: ModelProto) -> None:
    proto.graph.input.append(helper.make_tensor_value_info("mask", TensorProto.FLOAT, [1, 4]))


def zero_size(proto: ModelProto) -> None:
    proto.graph.input[0].type.tensor_type.shape.dim[2].dim_value = 0


def symbolic(proto: ModelProto) -> None:
    proto.graph.input[0].type.tensor_type.shape.dim[2].dim_param = "time"


def no_shape(proto: ModelProto) -> None:
    proto.graph.input[0].type.tensor_type.ClearField("shape")


def missing_weights(proto: ModelProto) -> None:
    weights = max(proto.graph.initializer, key=lambda t: len(t.raw_data))
    weights.name = "elsewhere"


CASES: dict[Callable[[ModelProto], None], str] = {
    subgraph: r"If 'branch': it holds a graph of its own \(control flow\)",
    function: "Twice 'twice': it is a function that the file defines.*inline_local_functions",
    sparse: "tensor 'few': it is stored sparse",
    cycle: r"Add 'first': it depends on its own output \(a cycle through Add 'first', Relu 'second'\)",
    made_twice: "2 nodes make it",
    made_and_stored: "a node makes it, but it is a stored tensor too",
    stored_twice: "it is stored more than once",
    set_opset(3): "operator set is 3, not one of 7 to",
    set_opset(99): "operator set is 99, not one of 7 to",
    no_opset: "it names no ONNX operator set",
    newer_format: "file format is 99, newer than",
    torn_weights: "it cannot be read",
    nan_weights: "holds no number, or one that is not finite",
    huge_weights: "its shape is 1099511627776 x 4 x 3",
    huge_constant: r"ConstantOfShape 'blown_up': it makes a constant of 1.1e\+12 values",
    no_tensor: "input 'x': it is no tensor",
    two_inputs: r"it has 2 inputs \(.*\), not one",
    zero_size: r"its shape \(1, 4, 0\) is not fixed",
    symbolic: r"its shape \(1, 4, \?\) is not fixed",
    no_shape: r"input '.*': its shape is \(\)",
    missing_weights: "Quant 'Quant_.*': reads 'c.+', which nothing before it makes",
}


@pytest.mark.parametrize("change", CASES, ids=lambda f: f.__name__)
def test_a_model_that_does_not_hold_together(tmp_path: Path, change: Callable[[ModelProto], None]) -> None:
    """Refused with and without the clean-up, which must neither hang nor fail on it."""
    proto = model()
    change(proto)
    path = written(proto, tmp_path / "m.onnx")
    for taken in (lambda: ingest(path, "m"), lambda: ingest_model(read(clean(parse(path)), path), "m")):
        with pytest.raises(Refused, match=CASES[change]) as error:
            taken()
        assert error.value.exit_status == 2
        assert str(error.value).count("Remedy: ") == len(error.value.reasons)
    named = [r for r in error.value.reasons if r.node != "model"]
    assert len({(r.node, r.reason) for r in named}) == len(named)


@pytest.mark.parametrize("change", [cycle, subgraph, function, huge_constant, made_twice], ids=lambda f: f.__name__)
def test_no_second_reason_follows_from_the_first(tmp_path: Path, change: Callable[[ModelProto], None]) -> None:
    proto = model()
    change(proto)
    with pytest.raises(Refused, match="for 1 reason:"):
        ingest(written(proto, tmp_path / "m.onnx"), "m")


def test_all_faults_of_a_model_in_one_report(tmp_path: Path) -> None:
    proto = model()
    for change in (sparse, stored_twice, newer_format, nan_weights, subgraph):
        change(proto)
    with pytest.raises(Refused) as error:
        ingest(written(proto, tmp_path / "m.onnx"), "m")
    for part in ("stored sparse", "stored more than once", "newer than", "not finite", "graph of its own"):
        assert part in str(error.value)


def test_nodes_in_any_order_are_taken(tmp_path: Path) -> None:
    proto = model()
    first, _ = ingest(written(proto, tmp_path / "a.onnx"), "m")
    nodes = list(proto.graph.node)[::-1]
    del proto.graph.node[:]
    proto.graph.node.extend(nodes)
    second, _ = ingest(written(proto, tmp_path / "b.onnx"), "m")
    x = RNG.standard_normal((5, 4, 8)).astype(np.float32)
    np.testing.assert_array_equal(first.infer(x), second.infer(x))


def test_a_foreign_domain_names_no_code_to_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """QONNX would import a module by the domain's name."""
    (tmp_path / "evil.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\ncustom_op = {{}}\n")
    monkeypatch.syspath_prepend(tmp_path)
    proto = model()
    proto.opset_import.append(helper.make_opsetid("evil", 1))
    proto.graph.node.append(helper.make_node("Run", [proto.graph.output[0].name], ["y"], "run", domain="evil"))
    proto.graph.output[0].name = "y"
    path = written(proto, tmp_path / "m.onnx")
    with pytest.raises(Refused, match=r"evil\.Run 'run': no exact integer rule"):
        ingest_model(read(clean(parse(path)), path), "m")
    assert not (tmp_path / "ran").exists()


def test_a_file_that_is_cut_short(tmp_path: Path) -> None:
    whole = model().SerializeToString()
    for length in (1, len(whole) // 3, len(whole) // 2, len(whole) - 1):
        (tmp_path / "m.onnx").write_bytes(whole[:length])
        with pytest.raises(
            UserError, match=r"m\.onnx (is not an ONNX file, or not a whole one|cannot be taken exactly)"
        ):
            ingest(tmp_path / "m.onnx", "m")


def test_a_folder_in_place_of_a_file(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="is a folder: name the ONNX file in it"):
        ingest(tmp_path, "m")


def test_a_file_of_2_gib_is_not_even_read(tmp_path: Path) -> None:
    path = tmp_path / "m.onnx"
    with path.open("wb") as file:
        file.truncate(2**31)  # a hole: it takes no space
    with pytest.raises(UserError, match="has 2,147,483,648 bytes, but an ONNX file has less than 2 GiB"):
        ingest(path, "m")


def external(folder: Path, **entries: str) -> Path:
    """A model whose tensors read weights.bin beside it; some entries replaced."""
    proto = model()
    convert_model_to_external_data(proto, location="weights.bin", size_threshold=0)
    folder.mkdir(exist_ok=True)
    onnx.save(proto, str(folder / "m.onnx"))
    proto = onnx.load(str(folder / "m.onnx"), load_external_data=False)
    for tensor in proto.graph.initializer:
        for entry in tensor.external_data:
            entry.value = entries.get(entry.key, entry.value)
    return written(proto, folder / "m.onnx")


EXTERNAL = {
    "beyond": ({"offset": "999999"}, "which has"),
    "negative": ({"offset": "-8"}, "bad entry"),
    "no number": ({"offset": "many"}, "bad entry"),
    "parent": ({"location": "../weights.bin"}, "outside the model's folder"),
    "absolute": ({"location": "/etc/passwd"}, "outside the model's folder"),
    "hidden parent": ({"location": "inner/../../weights.bin"}, "outside the model's folder"),
    "link": ({"location": "link.bin"}, "outside the model's folder"),
    "linked folder": ({"location": "door/weights.bin"}, "outside the model's folder"),
    "folder": ({"location": "inner"}, "which is missing"),
    "pipe": ({"location": "pipe"}, "which is missing"),
    "loop": ({"location": "loop"}, "(which is missing|cannot be resolved)"),
    "too long": ({"location": "a" * 5000}, "(which is missing|cannot be resolved)"),
    "nothing": ({"location": ""}, "name no file"),
    "device": ({"location": "/dev/zero"}, "outside the model's folder"),
}


@pytest.mark.parametrize("case", EXTERNAL)
def test_external_data_that_are_not_there_or_not_ours(tmp_path: Path, case: str) -> None:
    entries, expected = EXTERNAL[case]
    path = external(tmp_path / "model", **entries)
    (tmp_path / "weights.bin").write_bytes(bytes(4096))
    (path.parent / "inner").mkdir()
    (path.parent / "link.bin").symlink_to(tmp_path / "weights.bin")
    (path.parent / "door").symlink_to(tmp_path)
    (path.parent / "loop").symlink_to(path.parent / "loop")
    os.mkfifo(path.parent / "pipe")
    with pytest.raises(Refused, match=f"tensor 'c1'.*{expected}"):
        ingest(path, "m")


def test_external_data_of_2_gib_are_not_read(tmp_path: Path) -> None:
    path = external(tmp_path / "model", length=str(2**30), offset="0")
    with (path.parent / "weights.bin").open("r+b") as file:
        file.truncate(2**30)
    with pytest.raises(Refused, match="bytes of external data, 2 GiB or more"):
        ingest(path, "m")


def test_the_clean_up_keeps_the_names_that_nodes_have(tmp_path: Path) -> None:
    """Quantizers keep their constants too, whoever names their domain, in whatever order the operator sets stand."""
    proto = model()
    for node in proto.graph.node:
        node.name = f"/layer/{node.name}"
        if node.op_type == "Quant":
            node.op_type, node.domain = "IntQuant", "onnx.brevitas"
    proto.graph.node[0].name = proto.graph.node[1].name
    # A constant to fold, by an operator that another operator set has with other operands.
    proto.graph.initializer.append(helper.make_tensor("flat", TensorProto.FLOAT, [4], [0.1, 0.2, 0.3, 0.4]))
    proto.graph.initializer.append(helper.make_tensor("to", TensorProto.INT64, [2], [4, 1]))
    relu = next(n for n in proto.graph.node if n.op_type == "Relu")
    proto.graph.node.insert(0, helper.make_node("Reshape", ["flat", "to"], ["bias"]))
    proto.graph.node.insert(len(proto.graph.node) - 2, helper.make_node("Add", [relu.input[0], "bias"], ["sum"]))
    relu.input[0] = "sum"
    sets = sorted(proto.opset_import, key=lambda o: o.domain, reverse=True)
    del proto.opset_import[:]
    proto.opset_import.extend(sets)
    cleaned = clean(proto)
    names = [n.name for n in cleaned.graph.node]
    assert len(set(names)) == len(names) and sum(n.startswith("/layer/") for n in names) == len(names) - 3
    assert not any(n.op_type == "Reshape" for n in cleaned.graph.node)
    path = written(cleaned, tmp_path / "m.onnx")
    graph, _ = ingest(path, "m")
    plain, _ = ingest(written(model(), tmp_path / "p.onnx"), "p")
    assert [type(op) for op in graph.operators] == [type(op) for op in plain.operators]
