"""The late fusion of the four subnets: four nets on one input, their logits added, in one accelerator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

from codesign.errors import UserError
from quant.model import Model, Variation
from quant.models.skeleton import TINY, VARIATIONS, SkeletonModel
from quant.models.skeleton_subnets import SUBNETS, tiny

if TYPE_CHECKING:
    from torch import nn

    from quant.data.datasets import DataSet
    from quant.layers.quantizers import Quantizers
    from quant.training.fit import Tick
    from quant.training.run import Fuse
    from quant.training.rungs import Learner, Plan


def _of_members(name: str) -> Variation:
    """The variation `name`, of every member."""
    alone = VARIATIONS[name]

    def make(model: SkeletonEnsemble, value: int) -> Model:
        members = tuple(member.vary(**{name: value}) for member in model.members)
        return alone.make(replace(model, members=members), value)

    return replace(alone, make=make)


@dataclass(frozen=True)
class SkeletonEnsemble(SkeletonModel):
    """Its weights are its members' files: it has none of its own."""

    variations: ClassVar[Mapping[str, Variation]] = {n: _of_members(n) for n in ("bits", "weight_bits", "act_bits")}
    members: tuple[SkeletonModel, ...] = ()

    def macs(self) -> int:
        return sum(member.macs() for member in self.members)

    def net(self, quant: Quantizers) -> nn.Module:
        from quant.layers.fusion import FusedNet

        return FusedNet([member.net(quant) for member in self.members], quant)

    def load_weights(self, path: Path | None = None) -> nn.Module:
        """The members' nets, fused; `path` is a folder with a file for each of them, by their names."""
        from quant.layers.fusion import fused

        if path is not None and not path.is_dir():
            names = ", ".join(f"{member.name}.npz" for member in self.members)
            raise UserError(f"The weights of {self.name}, {path}, must be a folder that holds {names}.")
        return fused([m.load_weights(path and path / f"{m.name}.npz") for m in self.members])

    def calibrated(self, seed: int = 0) -> nn.Module:
        from quant.layers.fusion import fused

        return fused([member.calibrated(seed) for member in self.members])

    def for_data(self, data: DataSet) -> Self:
        fitted = super().for_data(data)
        return replace(fitted, members=tuple(member.for_data(data) for member in self.members))

    def learner(self, data_dir: Path | None, plan: Plan, tick: Tick) -> Learner:
        return Model.learner(self, data_dir, plan, tick)

    def trainees(self) -> tuple[SkeletonModel, ...]:
        return self.members

    def fusion(self) -> Fuse:
        from quant.layers.fusion import fused
        from quant.layers.quantizers import Quantizers

        return lambda nets, quantized: fused(nets, Quantizers(enabled=quantized))

    def save_weights(self, net: nn.Module, path: Path, about: dict[str, Any]) -> None:
        names = ", ".join(member.name for member in self.members)
        raise UserError(f"{self.name} has no weights of its own: train {names}.")


MODELS = (
    SkeletonEnsemble(
        name="skeleton-ensemble-tiny",
        description="10 actions from 64 frames x 20 joints; the four subnets fused, W4A4, input 12 bits",
        widths=(),
        members=tuple(map(tiny, SUBNETS)),
        **TINY,
    ),
)
