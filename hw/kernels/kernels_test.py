"""No kernel without its test: held to the conformance suite, and synthesized for every part family."""

from __future__ import annotations

from pathlib import Path

import pytest

from hw.design.stream import Stream
from hw.kernels import kinds
from hw.kernels.conformance import FAMILIES
from hw.kernels.width_converter.kernel import WidthConverter


def missing(source: str) -> list[str]:
    """What a kernel's test leaves out."""
    calls = [name for name in ("conform(", "check_resources(") if name not in source]
    families = [] if "FAMILIES" in source else [f for f in FAMILIES if f'"{f}"' not in source]
    return calls + families


@pytest.mark.parametrize("name", sorted(kinds()))
def test_every_kernel_is_held_to_the_contract(name: str) -> None:
    folder = kinds()[name].sources()[0].parent
    tests = "".join(path.read_text() for path in sorted(Path(folder).glob("*_test.py")))
    assert missing(tests) == []


@pytest.mark.parametrize("name", sorted(kinds()))
def test_every_kernel_has_a_grid_that_its_estimates_are_held_to(name: str) -> None:
    path = kinds()[name].sources()[0].parent / "grid.py"
    assert path.is_file(), f"{name} has no grid: {path.name} beside its kernel.py gives 8 to 16 configurations of it"


def test_a_test_that_leaves_something_out_is_found() -> None:
    assert missing('conform(kernel); check_resources(kernel, "ecp5"); "xc7"') == ["xcup"]
    assert missing("for family in FAMILIES: conform(k)") == ["check_resources("]


def test_what_is_asked_for_again_is_what_it_was() -> None:
    """Estimates of every part family from one instance, in any order; another fold has its own."""
    kernel = WidthConverter(stream=Stream(6, 5), words=40, lanes_out=2)
    alone = {f: WidthConverter(stream=Stream(6, 5), words=40, lanes_out=2).resources(f) for f in FAMILIES}
    assert len(set(alone.values())) > 1
    for family in (*FAMILIES, *reversed(FAMILIES)):
        assert kernel.resources(family) == alone[family]
    assert (kernel.inputs[0].words, kernel.outputs[0].words) == (40, 120)
    other = kernel.fold(lanes_out=3)
    assert (kernel.outputs[0].words, other.outputs[0].words) == (120, 80)
    assert other.cycles() == WidthConverter(stream=Stream(6, 5), words=40, lanes_out=3).cycles() != kernel.cycles()
