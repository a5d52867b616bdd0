"""The build's page: one self-contained HTML file."""

from __future__ import annotations

from html import escape
from pathlib import Path

from codesign.files import write_text
from codesign.report import picture
from codesign.report.summary import Summary

STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 1100px; margin: 2em auto; color: #1a202c; padding: 0 1em }
table { border-collapse: collapse } td, th { padding: .3em .8em; border-bottom: 1px solid #e2e8f0; text-align: left }
h2 { margin-top: 2em } svg { max-width: 100% } .source { color: #718096 }
"""


def write_page(summary: Summary) -> Path:
    """Write ``report/index.html`` and return its path."""
    design = summary.design
    modules = {name: kernel.module for name, kernel in design.kernels.items()}
    order = design.order()
    intervals = {name: float(design.kernels[name].cycles().interval) for name in order}
    resources = summary.reports.get("post_synth_resources") or summary.reports["estimate_layer_resources"]
    rows = "".join(
        f'<tr><th>{escape(what)}</th><td>{escape(figure)}</td><td class="source">{escape(source)}</td></tr>'
        for what, figure, source in summary.rows()
    )
    sections = [
        f"<table>{rows}</table>",
        "<h2>Cycles a frame, kernel by kernel</h2>",
        f'<p class="source">model; the slowest one sets the rate: {escape(design.bottleneck)}</p>',
        picture.bars(intervals, modules, "cycles"),
    ]
    for name in resources["total"]:
        values = {k: float(v[name]) for k, v in resources["kernels"].items() if k in modules}
        if any(values.values()):
            sections += [f"<h2>{name.upper()} by kernel</h2>", f'<p class="source">{escape(resources["source"])}</p>']
            sections.append(picture.bars({k: values[k] for k in order if k in values}, modules, ""))
    sections += ["<h2>Dataflow</h2>", picture.dataflow(design)]
    body = "\n".join(sections)
    title = escape(f"{design.name} in {summary.directory.name}")
    path = summary.directory / "report/index.html"
    write_text(
        path,
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title><style>{STYLE}</style>'
        f"</head><body><h1>{title}</h1>\n{body}\n</body></html>\n",
    )
    return path
