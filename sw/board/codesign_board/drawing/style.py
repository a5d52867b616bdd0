"""One style for all pictures; matplotlib is asked for only when one is drawn."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from codesign_board.errors import BoardError

INK, GREY, PALE = "#1e293b", "#94a3b8", "#e2e8f0"
BLUE, ORANGE, GREEN, RED, VIOLET = "#2563eb", "#ea580c", "#0f9d76", "#dc2626", "#7c3aed"
STYLE = {
    "figure.dpi": 110, "figure.facecolor": "white", "font.size": 9, "text.color": INK, "axes.labelcolor": INK,
    "axes.edgecolor": GREY, "axes.spines.top": False, "axes.spines.right": False, "axes.titlesize": 10,
    "axes.titlelocation": "left", "axes.titleweight": "bold", "xtick.color": INK, "ytick.color": INK,
    "axes.axisbelow": True, "legend.frameon": False,
}  # fmt: skip
Drawing = TypeVar("Drawing", bound=Callable[..., Any])


def _pyplot() -> Any:
    """Return pyplot, asked for only when something is drawn: the driver itself does without.

    Raises:
        BoardError: matplotlib is not there.
    """
    try:
        from matplotlib import pyplot
    except ImportError as error:
        raise BoardError(
            f"A picture needs matplotlib, which is not here ({error}): pip install 'matplotlib>=3.5'."
        ) from error
    return pyplot


def styled(draw: Drawing) -> Drawing:
    """Draw in the style, and close what is drawn: a notebook shows a figure once, as the value of its cell."""

    @wraps(draw)
    def drawn(*given: Any, **options: Any) -> Any:
        pyplot = _pyplot()
        with pyplot.rc_context(STYLE):
            figure = draw(*given, **options)
            figure.tight_layout()
            pyplot.close(figure)
        return figure

    return drawn  # type: ignore[return-value]


def figure(rows: int, columns: int, width: float, height: float, **options: Any) -> tuple[Any, Any]:
    """Return a figure of width x height inches, and its axes [rows, columns]."""
    return _pyplot().subplots(rows, columns, figsize=(width, height), squeeze=False, **options)  # type: ignore[no-any-return]
