"""What the subnets of the ensemble share: the number format of their input, so that one input serves them all.

Coordinates are in torso lengths. No step is learned here: it is the same for every net and data set.
"""

from __future__ import annotations

from abc import abstractmethod

from torch import Tensor, nn

from quant.layers.quantizers import Quantizers

# Half of all coordinates of UTKinect move by less than 0.005 a frame (of 64): a step of 1/256, up to 8 torso lengths.
FINE_BITS, FINE_LIMIT = 12, 8.0
# What poses need: a step of 9/256, up to 4.5 torso lengths (99.99 % of UTKinect's coordinates are below 3.83). Nine
# fine steps, an odd number: no fine value lies between two coarse ones, where rounding to even takes thresholds.
COARSE_BITS, COARSE_LIMIT = 8, 4.5


class PoseNet(nn.Module):
    """float32 [N, inputs, frames] -> float32 logits [N, classes].

    A subclass has `classify`, its last layer, and says in `scores` what it makes of the quantized input.
    """

    classify: nn.Module

    def __init__(self, quant: Quantizers) -> None:
        super().__init__()
        self.input = quant.fixed(FINE_BITS, FINE_LIMIT)

    @property
    @abstractmethod
    def last_activation(self) -> nn.Module:
        """The unsigned quantizer that bounds what `classify` reads."""

    @abstractmethod
    def scores(self, x: Tensor) -> Tensor:
        """Logits [N, classes] of an input that `self.input` has quantized."""

    def forward(self, x: Tensor) -> Tensor:
        return self.scores(self.input(x))


def coarse(quant: Quantizers) -> nn.Module:
    """The quantizer behind the input of nets that look at poses: 8 bits."""
    return quant.fixed(COARSE_BITS, COARSE_LIMIT)
