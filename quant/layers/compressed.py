"""Convolutions that are compressed before training: every filter is a sum of `rank` products of one-way filters.

Source of the idea: the a-priori compressed CNN for wave simulators (arXiv 2304.04964). With filters a over the height,
b over the width and c over the input channels, the composed kernel of output f is

    3-way:  K[f, c, i, j] = sum_r point[r, f, c] * tall[r, f, i] * wide[r, f, j]
    2-way:  K[f, i, j]    = sum_r                  tall[r, f, i] * wide[r, f, j]      (a filter sees one channel)

and the layer computes it without composing it: a 1x1 convolution to rank * outputs channels, a k x 1 filter on each of
them, and a 1 x k filter that sums over the ranks too. For that last one the ranks lie side by side along the width: it
is a depthwise 1 x (k * rank) filter with stride `rank`, and in a stream with channels last nothing has to be moved.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from codesign.errors import UserError
from quant.layers.field_shape import Filters, check_field
from quant.layers.quantizers import Quantizers


class DenseConv(nn.Module):
    """float32 [N, C, H, W] -> [N, F, H, W]: the classical convolution with zeros around the field."""

    def __init__(self, quant: Quantizers, filters: Filters) -> None:
        super().__init__()
        self.filters = filters
        k, groups = filters.kernel, filters.inputs if filters.ways == 2 else 1
        self.conv = quant.conv2d(filters.inputs, filters.outputs, (k, k), groups=groups)

    def forward(self, x: Tensor) -> Tensor:
        check_field((x.shape[2], x.shape[3]), self.filters.kernel)
        return self.conv(functional.pad(x, (self.filters.kernel // 2,) * 4))

    def kernel(self) -> Tensor:
        """float32 [F, C, k, k] (2-way: [F, 1, k, k])."""
        return self.conv.weight.detach()


class CompressedConv(nn.Module):
    """float32 [N, C, H, W] -> [N, F, H, W]: the same with compressed filters; quantizers keep the sums narrow."""

    def __init__(self, quant: Quantizers, filters: Filters) -> None:
        super().__init__()
        if filters.rank < 1:
            raise UserError(f"A compressed convolution's rank must be at least 1, not {filters.rank}.")
        self.filters = filters
        k, rank, outputs = filters.kernel, filters.rank, filters.outputs
        terms = rank * outputs
        self.point: nn.Module | None = None
        if filters.ways == 3:
            self.point = quant.conv2d(filters.inputs, terms, (1, 1))
            self.after_point = quant.signed()
        taken = filters.inputs if filters.ways == 2 else terms
        self.tall = quant.conv2d(taken, terms, (k, 1), groups=taken)
        self.after_tall = quant.signed()
        self.wide = quant.conv2d(outputs, outputs, (1, k * rank), (1, rank), groups=outputs)

    @property
    def _groups(self) -> int:
        """Blocks of channels behind the filters over the height, each with all its ranks."""
        return 1 if self.filters.ways == 3 else self.filters.inputs

    def forward(self, x: Tensor) -> Tensor:
        k, rank, outputs = self.filters.kernel, self.filters.rank, self.filters.outputs
        n, _, height, width = x.shape
        check_field((height, width), k)
        if self.point is not None:
            x = self.after_point(self.point(x))
        x = self.after_tall(self.tall(functional.pad(x, (0, 0, k // 2, k // 2))))
        # [N, groups * rank * each, H, W] -> [N, F, H, W * rank]: channels last, one group's values stay where they are
        x = x.reshape(n, self._groups, rank, -1, height, width).permute(0, 1, 3, 4, 5, 2)
        x = x.reshape(n, outputs, height, width * rank)
        return self.wide(functional.pad(x, (k // 2 * rank, k // 2 * rank)))

    def kernel(self) -> Tensor:
        """The composed kernel, float32 [F, C, k, k] (2-way: [F, 1, k, k])."""
        k, rank, outputs = self.filters.kernel, self.filters.rank, self.filters.outputs
        tall = self.tall.weight.detach().reshape(self._groups, rank, -1, k).transpose(0, 1).reshape(rank, outputs, k)
        wide = self.wide.weight.detach().reshape(outputs, k, rank)
        if self.point is None:
            return torch.einsum("rfi,fjr->fij", tall, wide)[:, None]
        point = self.point.weight.detach().reshape(rank, outputs, -1)
        return torch.einsum("rfc,rfi,fjr->fcij", point, tall, wide)


def field_conv(quant: Quantizers, filters: Filters) -> DenseConv | CompressedConv:
    """The layer that `filters` asks for."""
    return CompressedConv(quant, filters) if filters.rank else DenseConv(quant, filters)
