"""Brevitas' integer quantizer as one autograd function: the same values and gradients bit for bit, in fewer steps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from brevitas.core.function_wrapper import Identity, RoundSte, TensorClamp, TensorClampSte
from brevitas.core.quant import IntQuant, RescalingIntQuant
from brevitas.core.scaling import ParameterFromRuntimeStatsScaling, StatsFromParameterScaling
from brevitas.core.stats import AbsMax
from brevitas.core.zero_point import ZeroZeroPoint
from torch import Tensor, nn


class Quantize(torch.autograd.Function):
    """clamp(round(x / scale)) * scale; rounding passes the gradient on, so does clamping where `through` is set.

    The order of the operations is that of Brevitas' graph and of torch's derivatives of it.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, scale: Tensor, low: float, high: float, through: bool) -> Tensor:
        ratio = x / scale
        rounded = ratio.round()
        integers = rounded.clamp(low, high)
        ctx.inside = None if through else rounded == integers
        ctx.save_for_backward(ratio, integers, scale)
        return integers * scale

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor, None, None, None]:  # type: ignore[override]
        ratio, integers, scale = ctx.saved_tensors
        inner = gradient * scale
        if ctx.inside is not None:
            inner *= ctx.inside
        of_scale = (gradient * integers).sum_to_size(scale.shape) + (-inner * (ratio / scale)).sum_to_size(scale.shape)
        return inner / scale, of_scale, None, None, None


def _usual(layer: RescalingIntQuant) -> bool:
    """Whether `layer` quantizes as `Quantize` does."""
    inner = layer.int_quant
    return (
        isinstance(inner, IntQuant)
        and type(inner.float_to_int_impl) is RoundSte
        and type(inner.tensor_clamp_impl) in (TensorClamp, TensorClampSte)
        and type(inner.input_view_impl) is Identity
        and type(layer.zero_point_impl) is ZeroZeroPoint
        and type(inner.delay_wrapper.delay_impl).__name__ == "_NoDelay"
        and not layer.observer_only
    )


@contextmanager
def quick(net: nn.Module) -> Iterator[None]:
    """Inside, the quantizers of `net` run as `Quantize`; afterwards they are as before. Others stay as they are."""
    found = [layer for layer in net.modules() if isinstance(layer, RescalingIntQuant) and _usual(layer)]
    for layer in found:
        layer.forward = _forward(layer)  # type: ignore[method-assign]
    try:
        yield
    finally:
        for layer in found:
            del layer.forward


def _forward(layer: RescalingIntQuant) -> Any:
    inner = layer.int_quant
    bits = layer.msb_clamp_bit_width_impl()
    threshold, zero = layer.int_scaling_impl(bits), layer.zero_point_impl(bits, bits, bits)
    low, high = float(inner.min_int(bits)), float(inner.max_int(bits))
    through = type(inner.tensor_clamp_impl) is TensorClampSte
    scale_of = _scale(layer.scaling_impl, threshold)

    def forward(x: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        scale = scale_of(x)
        return Quantize.apply(x, scale, low, high, through), scale, zero, bits

    return forward


def _scale(given: nn.Module, threshold: Tensor) -> Callable[[Tensor], Tensor]:
    """`given`'s scale, without the signs and limits that do nothing to values above Brevitas' smallest one."""
    if isinstance(given, ParameterFromRuntimeStatsScaling):
        smallest = given.clamp_scaling.min_val or 0.0

        def learned(x: Tensor) -> Tensor:
            started = given.training and given.counter > given.collect_stats_steps
            if not (started and given.value.item() > smallest):
                return given(x, threshold)
            return given.value / threshold

        return learned
    if isinstance(given, StatsFromParameterScaling) and type(given.parameter_list_stats.stats.stats_impl) is AbsMax:
        statistics = given.parameter_list_stats
        smallest = given.stats_scaling_impl.clamp_scaling.min_val or 0.0

        def largest(x: Tensor) -> Tensor:
            value = statistics(x)
            return value / threshold if value.min().item() > smallest else given(x, threshold)

        return largest
    return lambda x: given(x, threshold)
