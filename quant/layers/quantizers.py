"""Which number formats a net uses: one small factory, so that a layer file names layers and not quantizers."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

from brevitas import nn as qnn
from brevitas.inject.enum import ScalingImplType
from brevitas.quant import (
    Int8ActPerTensorFloat,
    Int8WeightPerChannelFloat,
    Int8WeightPerTensorFloat,
    Uint8ActPerTensorFloat,
)
from torch import nn


@dataclass(frozen=True)
class Quantizers:
    """Makes layers with `weight_bits` and `act_bits`; with `enabled=False` the same layers in float.

    Weight scales are float per output channel (per tensor for the classifier), activation scales float per tensor,
    zero points zero. `input_bits` is the width of the network input alone (signed).
    """

    enabled: bool = True
    weight_bits: int = 4
    act_bits: int = 4
    input_bits: int = 8
    join_bits: int = 4
    # Scales start from this percentile of the first batches; with 4 bits the maximum would waste most steps.
    percentile: float = 99.8
    collect_batches: int = 40

    def __post_init__(self) -> None:
        # Brevitas' use of named tensors makes torch warn once a process; a user can do nothing about it.
        warnings.filterwarnings("ignore", message="Named tensors")

    def _act(self, bits: int, quantizer: type) -> dict[str, object]:
        return {
            "bit_width": bits,
            "act_quant": quantizer,
            "high_percentile_q": self.percentile,
            "collect_stats_steps": self.collect_batches,
            "return_quant_tensor": False,
        }

    def conv(self, inputs: int, outputs: int, kernel: int, stride: int, groups: int = 1) -> nn.Module:
        """Unpadded, unbiased convolution over time."""
        if not self.enabled:
            return nn.Conv1d(inputs, outputs, kernel, stride, groups=groups, bias=False)
        weight = {"weight_bit_width": self.weight_bits, "weight_quant": Int8WeightPerChannelFloat}
        return qnn.QuantConv1d(inputs, outputs, kernel, stride, groups=groups, bias=False, **weight)

    def conv2d(
        self,
        inputs: int,
        outputs: int,
        kernel: tuple[int, int],
        stride: tuple[int, int] = (1, 1),
        groups: int = 1,
        bias: bool = False,
    ) -> nn.Module:
        """Unpadded convolution over a field; a bias stays in float (an offset of what follows, or of the tail)."""
        if not self.enabled:
            return nn.Conv2d(inputs, outputs, kernel, stride, groups=groups, bias=bias)
        weight = {"weight_bit_width": self.weight_bits, "weight_quant": Int8WeightPerChannelFloat}
        return qnn.QuantConv2d(inputs, outputs, kernel, stride, groups=groups, bias=bias, **weight)

    def linear(self, inputs: int, outputs: int) -> nn.Module:
        """Classifier: quantized weight, float bias (it belongs to the software tail)."""
        if not self.enabled:
            return nn.Linear(inputs, outputs)
        weight = {"weight_bit_width": self.weight_bits, "weight_quant": Int8WeightPerTensorFloat}
        return qnn.QuantLinear(inputs, outputs, bias=True, **weight)

    def relu(self) -> nn.Module:
        """ReLU to unsigned `act_bits`."""
        return qnn.QuantReLU(**self._act(self.act_bits, Uint8ActPerTensorFloat)) if self.enabled else nn.ReLU()

    def signed(self, bits: int | None = None) -> nn.Module:
        """Signed quantizer of `bits`; if None `join_bits`, for the addends of a skip."""
        if not self.enabled:
            return nn.Identity()
        return qnn.QuantIdentity(**self._act(bits or self.join_bits, Int8ActPerTensorFloat))

    def unsigned(self, bits: int) -> nn.Module:
        """Unsigned quantizer of `bits` for what is not negative."""
        return qnn.QuantIdentity(**self._act(bits, Uint8ActPerTensorFloat)) if self.enabled else nn.Identity()

    def fixed(self, bits: int, limit: float) -> nn.Module:
        """Signed quantizer with a step that is not learned, limit / 2 ** (bits - 1): nets share it without weights."""
        if not self.enabled:
            return nn.Identity()
        return qnn.QuantIdentity(**_constant(bits, limit, Int8ActPerTensorFloat))

    def tanh(self, bits: int) -> nn.Module:
        """tanh to signed `bits`, step 1 / 2 ** (bits - 1)."""
        return qnn.QuantTanh(**_constant(bits, 1.0, Int8ActPerTensorFloat)) if self.enabled else nn.Tanh()

    def sigmoid(self, bits: int) -> nn.Module:
        """Logistic function to unsigned `bits`, 0 to 1 included."""
        return qnn.QuantSigmoid(**_constant(bits, 1.0, Uint8ActPerTensorFloat)) if self.enabled else nn.Sigmoid()

    def input(self) -> nn.Module:
        """Signed quantizer of the network input (`input_bits`)."""
        if not self.enabled:
            return nn.Identity()
        percentile = {"high_percentile_q": max(self.percentile, 99.99)}  # its few large values cost few steps
        return qnn.QuantIdentity(**self._act(self.input_bits, Int8ActPerTensorFloat) | percentile)


def largest(quantizer: nn.Module) -> float:
    """The largest value that an activation quantizer of `Quantizers` lets through."""
    proxy = quantizer.act_quant
    levels = 2 ** int(proxy.bit_width()) - 1 if not proxy.is_signed else 2 ** (int(proxy.bit_width()) - 1) - 1
    return levels * float(proxy.scale().detach())


def _constant(bits: int, limit: float, quantizer: type) -> dict[str, object]:
    """A quantizer of activations whose scale is no parameter: its range ends at `limit`."""
    return {
        "bit_width": bits,
        "act_quant": quantizer,
        "scaling_impl_type": ScalingImplType.CONST,
        "scaling_init": limit,
        "return_quant_tensor": False,
    }
