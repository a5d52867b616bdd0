"""The table of a training over several splits, as JSON and as markdown, with the command that made it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from codesign.files import write_json, write_text


def write(path: Path, model: str, command: str, summary: dict[str, Any]) -> None:
    """Write `summary` to `path` (.json) and as a table to the .md beside it."""
    content = {"model": model, "command": command, **summary}
    write_json(path, content)
    write_text(path.with_suffix(".md"), markdown(content))


def markdown(content: dict[str, Any]) -> str:
    """Accuracies a split, their mean, and how they were made."""
    names, by = list(content.get("members", {})), content.get("split_by", "subject")
    std = [_line(["std | | ", *(_pair(content["members"][n], "_std") for n in names), _pair(content, "_std")])]
    head = ["split | training sequences | test sequences", *names, "all fused" if names else content["model"]]
    return "\n".join(
        [
            f"# {content['model']} on {content['data']}",
            "",
            f"Share of the test half that is recognised; no {by} is in both halves of a split. Every split was",
            f"trained with the same settings, seed {content['seed']}; no test half had a part in its training.",
            "Quantized, and in brackets the same net in float.",
            *(["", FUSED] if names else []),
            "",
            _line(head),
            _line(["---"] * (4 + len(names))),
            *(
                _line([_sizes(row), *(_pair(row["members"][n]) for n in names), _pair(row)])
                for row in content["splits"]
            ),
            _line(["**mean** | | ", *(_pair(content["members"][n], "_mean", "**") for n in names),
                   _pair(content, "_mean", "**")]),
            *(std if len(content["splits"]) > 1 else []),
            "",
            f"Settings: {_settings(content)}.",
            "",
            f"Made by: `{content['command']}`",
            "",
        ]
    )  # fmt: skip


FUSED = (
    "Fused, quantized: the one net whose integer logits are the sum of its members'; in float: the sum of float logits."
)


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |".replace("|  |", "| |")


def _sizes(row: dict[str, Any]) -> str:
    return f"{row['split']} | {row['train']} | {row['test']}"


def _pair(values: dict[str, Any], suffix: str = "_accuracy", mark: str = "") -> str:
    return f"{mark}{values[f'quantized{suffix}']:.2%}{mark} ({values[f'float{suffix}']:.2%})"


def _settings(content: dict[str, Any]) -> str:
    protocol = [f"protocol {content['protocol']}"] if content.get("protocol") else []
    return ", ".join([*protocol, *(f"{k.replace('_', ' ')} {_words(v)}" for k, v in content["recipe"].items())])


def _words(value: Any) -> str:
    """A setting; one that every net has for itself once where all have the same."""
    if not isinstance(value, dict):
        return str(value)
    return " / ".join(map(str, value.values() if len(set(value.values())) > 1 else list(value.values())[:1]))
