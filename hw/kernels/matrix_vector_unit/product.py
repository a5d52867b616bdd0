"""The form of the dot products: the smallest one that fits the operands and the wish."""

from __future__ import annotations

import importlib
import inspect
import pkgutil

from hw.kernels.matrix_vector_unit import forms
from hw.kernels.matrix_vector_unit.forms.form import Form, Operands


def _found() -> tuple[type[Form], ...]:
    """Return the forms of every file in ``forms``."""
    modules = [importlib.import_module(f"{forms.__name__}.{m.name}") for m in pkgutil.iter_modules(forms.__path__)]
    classes = {c for m in modules for _, c in inspect.getmembers(m, inspect.isclass) if issubclass(c, Form)}
    return tuple(sorted((c for c in classes if not inspect.isabstract(c)), key=lambda c: c.name))


FORMS = _found()

MODELS = ("dot_products_model", "packed_products_model")
"""What simulators of whole designs get in place of the forms: one for each way to store weights."""

RTL = tuple(dict.fromkeys((*MODELS, "dot_products", *(name for form in FORMS for name in form.rtl), "adder_tree")))
"""Modules of ``dot_products`` and of all that it may instantiate."""

MULTIPLIERS = ("lut", "dsp")
"""What a kernel may wish for."""


def choose(operands: Operands, wish: str) -> Form:
    """Return the form for the operands.

    Args:
        operands: what is multiplied.
        wish: ``lut``, or ``dsp`` where some form has a multiplier for such operands.
    """
    fitting = [form for form in (f(operands) for f in FORMS) if form.fits]
    wished = [form for form in fitting if form.multiplier == wish]
    return min(wished or [form for form in fitting if form.multiplier == "lut"], key=_size)


def _size(form: Form) -> tuple[int, int, int]:
    """Multipliers first, of which a part has fewest."""
    used = form.resources()
    return used.dsp, used.lut, used.ff
