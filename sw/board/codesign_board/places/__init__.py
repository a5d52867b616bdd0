"""Where an accelerator can run: the places that come with the driver, and those that other distributions add.

One is added by the entry point group ``codesign_board.places``: a name, and a callable (package, **options) that
returns a ``Place``, or an ``Accelerator`` where there is nothing to send frames to.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from typing import Any

from codesign_board.errors import PlaceError
from codesign_board.package import Package

GROUP = "codesign_board.places"
BUILT_IN = {name: f"codesign_board.places.{name}:{name}" for name in ("pynq", "serial")}
"""Where each lies that comes with the driver; it is imported when it is asked for."""
USUAL = {"axi": "pynq", "uart": "serial"}
"""The place of a package, by its io."""


def names() -> list[str]:
    """Return the names of all places that are installed."""
    return sorted({*BUILT_IN, *(found.name for found in _added())})


def open_place(name: str | None, package: Package, options: Mapping[str, Any]) -> Any:
    """Return the package's accelerator at a place: a ``Place`` or an ``Accelerator``.

    Args:
        name: of the place, None for the one that the package is for.
        package: what is to run.
        options: of the place.

    Raises:
        PlaceError: there is no such place, it has no such option, or the accelerator cannot be loaded there.
    """
    name = name or USUAL[package.io]
    factory = _factory(name)
    try:
        inspect.signature(factory).bind(package, **options)
    except TypeError as error:
        raise PlaceError(f"The place {name} cannot take these options: {error}.") from None
    return factory(package, **options)


def _added() -> Iterable[Any]:
    """Return the entry points of places that other distributions add."""
    from importlib.metadata import entry_points  # here: it takes 40 ms to import, and a board has its own place

    found: Iterable[Any] = entry_points(group=GROUP)
    return found


def _factory(name: str) -> Callable[..., Any]:
    if name in BUILT_IN:
        module, _, attribute = BUILT_IN[name].partition(":")
        found: Callable[..., Any] = getattr(import_module(module), attribute)
        return found
    for point in _added():
        if point.name == name:
            try:
                plugged: Callable[..., Any] = point.load()
            except ImportError as error:
                raise PlaceError(f"The place {name} cannot be imported ({error}): install what it needs.") from error
            return plugged
    raise PlaceError(f"There is no place {name!r}: give one of {', '.join(names())}.")
