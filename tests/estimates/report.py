"""docs/estimates.md and docs/estimates.svg: the estimates' errors as tables and as a plot."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from codesign.files import write_text
from hw.kernels.conformance import FAMILIES
from tests.estimates.errors import MEDIAN, SMALL, TAIL, Pair, Summary
from tests.estimates.grid import Configuration, all_configurations
from tests.estimates.measurements import FILE, Measurements

Known = Sequence[tuple[Configuration, Pair]]

HEAD = f"""# Estimates and what yosys makes of it

`codesign` says what a design takes before anything is synthesized: each kernel counts its LUTs, flip-flops, block RAMs
and DSPs from its parameters. Here are those estimates against yosys {{version}}, over {{count}} configurations of
{{kinds}} kernels (`hw/kernels/*/grid.py`) and {{designs}} whole designs. `make calibrate` makes this page from
`estimates.json`, and synthesizes what is missing there or was of other RTL. A *model* is compared with an estimate of
*yosys* here: neither is a placed design.

- **Error**: |estimate - yosys| / yosys, of LUTs and of flip-flops, with no allowance for small kernels, where one LUT
  of ten is 10 %; "below {SMALL}" says how many have less than {SMALL} LUTs.
- **Held out**: every second configuration of a grid; the models' constants were fitted without them.
- LUT: LUT4 on ECP5 (a carry cell is two, a distributed RAM of 16 x 4 bits six), LUT6 on AMD. BRAM: of 18 kbit.
- Asked for: a median of at most {MEDIAN:g} % and a 95th percentile of at most {TAIL:g} %.
"""
COLUMNS = ("n", "LUT median", "LUT 95 %", "FF median", "FF 95 %", f"below {SMALL}", "BRAM ≠", "DSP ≠")


def known_pairs(known: Measurements) -> list[tuple[Configuration, Pair]]:
    """Return the configurations that are measured, with what the models say of them today."""
    found = ((c, known.of(c)) for c in all_configurations())
    return [(c, Pair(c.kernel.resources(c.family), made)) for c, made in found if made is not None]


def write(known: Measurements, folder: Path = FILE.parent) -> None:
    """Write the page and the plot into ``folder``."""
    measured = known_pairs(known)
    write_text(folder / "estimates.md", page(known, measured))
    plot(measured, folder / "estimates.svg")


def page(known: Measurements, measured: Known) -> str:
    """Return the text of the page."""
    kinds = sorted({c.kind for c, _ in measured})
    designs = known.pairs()
    head = HEAD.format(version=known.version, count=len(measured), kinds=len(kinds), designs=len(designs))
    parts = [head, "![Estimated and synthesized LUTs](estimates.svg)\n"]
    parts.append("## All kernels\n\n" + _table("part family", _overall(measured)))
    parts.append("## Whole designs\n\n" + _designs(designs))
    for family in FAMILIES:
        rows = ((kind, [p for c, p in measured if (c.kind, c.family) == (kind, family)]) for kind in kinds)
        parts.append(f"## Kernels on {family}\n\n" + _table("kernel", rows))
    return "\n".join(parts)


def _overall(measured: Known) -> Iterator[tuple[str, list[Pair]]]:
    for family in FAMILIES:
        yield family, [p for c, p in measured if c.family == family]
        yield f"{family}, held out", [p for c, p in measured if c.family == family and c.held_out]
    yield "all", [p for _, p in measured]
    yield "all, held out", [p for c, p in measured if c.held_out]


def _table(first: str, rows: Iterable[tuple[str, Sequence[Pair]]]) -> str:
    lines = [f"| {first} | {' | '.join(COLUMNS)} |", "| --- |" + " ---: |" * len(COLUMNS)]
    for name, pairs in rows:
        if not pairs:
            continue
        s = Summary.of(pairs)
        errors = (s.median["lut"], s.tail["lut"], s.median["ff"], s.tail["ff"])
        cells = [str(s.count), *(f"{e:.1f} %" for e in errors), str(s.small), str(s.bram), str(s.dsp)]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _designs(designs: Iterable[tuple[str, str, Pair]]) -> str:
    lines = ["| design | family | LUT: sum, yosys | error | FF: sum, yosys | error | BRAM | DSP |"]
    lines.append("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for name, family, pair in designs:
        said, found = pair.estimate, pair.found
        lut = f"{said.lut:,}, {found.lut:,} | {pair.error('lut'):.1f} %"
        ff = f"{said.ff:,}, {found.ff:,} | {pair.error('ff'):.1f} %"
        lines.append(f"| {name} | {family} | {lut} | {ff} | {said.bram}, {found.bram} | {said.dsp}, {found.dsp} |")
    return "\n".join(lines) + "\n"


def plot(measured: Known, path: Path) -> None:
    """Draw estimated over synthesized LUTs, both logarithmic, a colour for each kernel and a mark for each family."""
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "estimates"  # the same ids in every run
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(9, 7))
    colours = (*plt.get_cmap("tab20").colors, (0.0, 0.0, 0.0))  # type: ignore[attr-defined]
    marks = dict(zip(FAMILIES, "osv", strict=True))
    kinds = sorted({c.kind for c, _ in measured})
    for kind, colour in zip(kinds, colours, strict=False):
        for family, mark in marks.items():
            chosen = [p for c, p in measured if (c.kind, c.family) == (kind, family)]
            x, y = [max(1, p.found.lut) for p in chosen], [max(1, p.estimate.lut) for p in chosen]
            label = kind if mark == "o" else None
            axes.plot(x, y, mark, color=colour, markersize=4, alpha=0.8, markeredgewidth=0, label=label)
    ends = [1, 2 * max(p.found.lut for _, p in measured)]
    axes.plot(ends, ends, color="black", linewidth=0.8)
    for factor in (1 - TAIL / 100, 1 + TAIL / 100):
        axes.plot(ends, [factor * end for end in ends], color="black", linewidth=0.6, linestyle=":")
    axes.set(xscale="log", yscale="log", xlim=ends, ylim=ends, xlabel="LUTs, yosys", ylabel="LUTs, estimated")
    axes.set_title(f"○ ecp5, □ xc7, ▽ xcup; dotted: {TAIL:g} % off", fontsize=10)
    axes.legend(fontsize=7, loc="upper left", ncols=2)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)
