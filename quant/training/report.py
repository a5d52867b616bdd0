"""The table of a training over several splits, as JSON and as markdown, with the command that made it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def write(path: Path, model: str, command: str, summary: dict[str, Any]) -> None:
    """Write `summary` to `path` (.json) and as a table to the .md beside it."""
    content = {"model": model, "command": command, **summary}
    path.parent.mkdir(parents=True, exist_ok=True)
    for target, text in ((path, json.dumps(content, indent=2) + "\n"), (path.with_suffix(".md"), markdown(content))):
        part = target.with_name(f".{target.name}.part")
        part.write_text(text)
        part.replace(target)


def markdown(content: dict[str, Any]) -> str:
    """Accuracies a split, their mean, and how they were made."""
    rows = content["splits"]
    lines = [
        f"# {content['model']} on {content['data']}",
        "",
        "Share of the test half that is recognised; no subject is in both halves of a split. Every split was trained",
        f"with the same settings, seed {content['seed']}; no test half had a part in its training.",
        "",
        "| split | training sequences | test sequences | quantized | same net in float |",
        "| --- | --- | --- | --- | --- |",
        *(
            f"| {r['split']} | {r['train']} | {r['test']} | {r['quantized_accuracy']:.2%} | {r['float_accuracy']:.2%} |"
            for r in rows
        ),
        f"| **mean** | | | **{content['quantized_mean']:.2%}** | **{content['float_mean']:.2%}** |",
        f"| std | | | {content['quantized_std']:.2%} | {content['float_std']:.2%} |",
        "",
        f"Made by: `{content['command']}`",
        "",
    ]
    return "\n".join(lines)
