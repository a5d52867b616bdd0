"""Late fusion: the class of a product of softmaxes, as the class of a sum of logits on one scale.

prod_i softmax(z_i) is proportional to exp(sum_i z_i), so that both have the same largest class; the logits z_i are
quantized by one step, and the sum of integers is exact.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from codesign.errors import UserError
from quant.layers.pose_net import PoseNet
from quant.layers.quantizers import Quantizers, largest

# A step of 1/64, from -128 to 127.98, the same for every net. Weights of trained nets admit logits up to some 30
# (`reach`); a net whose weights admit more than 127.98 is refused, so that nothing saturates.
LOGIT_BITS, LOGIT_LIMIT = 14, 128.0
LARGEST_LOGIT = LOGIT_LIMIT * (1 - 2.0 ** (1 - LOGIT_BITS))


class FusedNet(nn.Module):
    """float32 [N, inputs, frames] -> float32 sums of the members' logits [N, classes].

    It has no parameters but its members'.
    """

    def __init__(self, members: Sequence[PoseNet], quant: Quantizers) -> None:
        super().__init__()
        self.members = nn.ModuleList(members)
        self.input = members[0].input
        self.logits = quant.fixed(LOGIT_BITS, LOGIT_LIMIT)

    def member_logits(self, x: Tensor) -> list[Tensor]:
        """Each member's logits [N, classes], on the common step."""
        x = self.input(x)
        return [self.logits(member.scores(x)) for member in self.members]

    def forward(self, x: Tensor) -> Tensor:
        first, *others = self.member_logits(x)
        for other in others:
            first = first + other
        return first


@torch.no_grad()
def reach(net: PoseNet) -> float:
    """The largest absolute logit that any input can give a quantized net, from its weights and its last activation."""
    layer = net.classify
    weights, bias = layer.quant_weight().value, layer.bias
    high, low = (largest(net.last_activation) * weights.clamp(*side).sum(1) + bias for side in ((0, None), (None, 0)))
    return float(torch.maximum(high, -low).max())


def fused(nets: Sequence[PoseNet], quant: Quantizers | None = None) -> FusedNet:
    """The trained `nets` as one that adds their logits, ready to run.

    Raises:
        UserError: a quantized net's logits may be larger than the common quantizer's range.
    """
    quant = quant or Quantizers()
    for number, net in enumerate(nets):
        if quant.enabled and (most := reach(net)) > LARGEST_LOGIT:
            raise UserError(
                f"Logits of net {number + 1} ({type(net).__name__}) may reach {most:.2f}, but the fusion adds logits "
                f"up to {LARGEST_LOGIT:.2f}: train it with more weight decay."
            )
    return FusedNet(nets, quant).eval()
