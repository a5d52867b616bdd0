"""Whole top modules, simulated with a harness of their own: a bus and streams, or a serial line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from hw.sim import build
from hw.sim.tools import compiler, verilator


def compile_top(
    top: str,
    sources: Sequence[Path],
    parameters: Mapping[str, int | str],
    harness: str,
    *,
    defines: Sequence[str] = (),
    optimise: bool = True,
) -> Path:
    """Return the path of a shared library of a top module and its harness, from the cache where it has it.

    Args:
        top: name of the module, which the harness knows as the class ``Vmodel``.
        sources: all of the RTL; included files lie beside.
        parameters: of the top module.
        harness: C++ that includes ``Vmodel.h``, defines the runtime's four hooks (``vl_fatal``…) and a C interface.
        defines: Verilog macros.
        optimise: for long simulations; compiling takes longer.

    Raises:
        MissingTool: without Verilator or a C++ compiler.
        ToolFailed: where one of them refuses.
    """
    paths = [source.resolve() for source in sources]
    folders = sorted({path.parent for path in paths})
    included = [file for folder in folders for file in sorted(folder.glob("*.svh"))]
    texts = [path.read_text() for path in (*paths, *included)]
    versions = (verilator().version, compiler()[1], build.COMPILE, build.FAST, build.TRANSLATE)
    parts = (texts, sorted(parameters.items()), harness, tuple(defines), optimise, versions)
    options = [*(f"-D{name}" for name in defines), *(f"-I{folder}" for folder in folders)]

    def make(folder: Path, log: Path) -> None:
        work = folder.parent
        build.translate(top, paths, parameters, options, work, log)
        (work / "harness.cpp").write_text(harness)
        build.link(work, (), log, optimise=optimise).rename(folder / "model.so")

    return build.made_once(top, parts, make) / "model.so"
