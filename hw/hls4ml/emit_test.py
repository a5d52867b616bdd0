"""What no type or no layer of hls4ml holds is refused with a remedy that helps."""

from __future__ import annotations

import pytest

from codesign.errors import Refused
from codesign.graph import Reshape
from codesign.graph.examples import Builder
from hw.hls4ml.emit import emit
from hw.hls4ml.settings import Settings


@pytest.mark.parametrize(
    ("low", "asked", "remedy"),
    [
        (-8, "int<2>", "take a --precision with at least 4 bits before the point, or derived"),
        (-8, "ufixed<48,40>", "take a signed --precision with at least 4 bits before the point, or derived"),
        (0, "uint<2>", "take a --precision with at least 3 bits before the point, or derived"),
        (0, "int<2>", "take a --precision with at least 4 bits before the point, or derived"),
    ],
)
@pytest.mark.parametrize("output", ["x", "copy"])
def test_a_type_that_is_too_small_is_refused(output: str, low: int, asked: str, remedy: str) -> None:
    """The copy of a graph that is nothing but its input too; what the remedy says is taken, and no less."""
    b = Builder((3, 2), low, 7)
    if output == "copy":
        b.append(Reshape(inputs=("x",), output="copy", to=(3, 2)))
    graph = b.graph(output)
    with pytest.raises(Refused, match=f"Reshape {output}: .*{asked} cannot hold its result.*{remedy}"):
        emit(graph, Settings(precision=asked))
    bits = int(remedy.split("at least ")[1].split()[0])
    unsigned = asked.startswith("u") and "signed" not in remedy
    kind = "uint" if unsigned else "int"
    emit(graph, Settings(precision=f"{kind}<{bits}>"))
    with pytest.raises(Refused):
        emit(graph, Settings(precision=f"{kind}<{bits - 1}>"))


def test_layers_have_names_of_their_own_whatever_their_case() -> None:
    b = Builder((3, 2), -8, 7)
    last = "x"
    for name in ("A b", "a_b", "A.B", "7", "ü", "ä", "frame in"):
        last = b.append(Reshape(inputs=(last,), output=name, to=(3, 2)))
    names = [layer["name"] for layer in emit(b.graph(last), Settings()).layers]
    assert names == ["frame_in", "a_b_op", "a_b_op2", "a_b_op3", "n7_op", "layer_op", "layer_op2", "frame_in_op"]
