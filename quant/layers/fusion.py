"""Late fusion: the class of a product of softmaxes, as the class of a sum of logits on one scale.

prod_i softmax(z_i) is proportional to exp(sum_i z_i), so that both have the same largest class; the logits z_i are
quantized by one step, and the sum of integers is exact.
"""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn

from quant.layers.pose_net import PoseNet
from quant.layers.quantizers import Quantizers

# A step of 1/128, up to 256: a hundredth of what tells classes apart, and more than any logit of the nets here.
LOGIT_BITS, LOGIT_LIMIT = 16, 256.0


class FusedNet(nn.Module):
    """float32 [N, inputs, frames] -> float32 sums of the members' logits [N, classes].

    It has no parameters but its members'.
    """

    def __init__(self, members: Sequence[PoseNet], quant: Quantizers) -> None:
        super().__init__()
        self.members = nn.ModuleList(members)
        self.input = members[0].input
        self.logits = quant.fixed(LOGIT_BITS, LOGIT_LIMIT)

    def forward(self, x: Tensor) -> Tensor:
        x = self.input(x)
        first, *others = (self.logits(member.scores(x)) for member in self.members)
        for other in others:
            first = first + other
        return first


def fused(nets: Sequence[PoseNet], quant: Quantizers | None = None) -> FusedNet:
    """The trained `nets` as one that adds their logits."""
    return FusedNet(nets, quant or Quantizers()).eval()
