"""Random variants of preprocessed skeleton sequences: another view, another body, another tempo."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from quant.data.layouts import KINECT1, Layout


@dataclass(frozen=True)
class Augmentation:
    """For sequences of `bodies` bodies of `layout`.

    Strengths: radians, relative, fraction of the sequence, torso lengths, probabilities.
    """

    layout: Layout = KINECT1
    bodies: int = 1
    rotation: float = 0.35
    scaling: float = 0.12
    crop: float = 0.12
    warp: float = 0.08
    noise: float = 0.02
    mirror: float = 0.5
    drop: float = 0.05

    def __call__(self, x: Tensor, random: torch.Generator) -> Tensor:
        """float32 [n, 3 * bodies * joints, t] -> the same shape, each sequence changed on its own."""
        n, _, frames = x.shape
        size = len(self.layout.joints)
        joints = self.bodies * size
        mirror = [start + joint for start in range(0, joints, size) for joint in self.layout.mirror]
        body = x.view(n, joints, 3, frames)

        def uniform(*shape: int) -> Tensor:
            return torch.rand(shape, generator=random) * 2 - 1

        flip = torch.rand(n, generator=random) < self.mirror
        mirrored = body[:, mirror] * torch.tensor([-1.0, 1.0, 1.0]).view(1, 1, 3, 1)
        body = torch.where(flip.view(-1, 1, 1, 1), mirrored, body)
        body = torch.einsum("nab,njbt->njat", self._turns(uniform(n) * self.rotation), body)
        body = body * (1 + uniform(n, 1, 3, 1) * self.scaling)
        body = body * (1 + uniform(n, joints, 1, 1) * self.scaling / 2)
        noise = torch.randn(body.shape, generator=random) * self.noise
        body = body + (noise * self._shown(body) if self.bodies > 1 else noise)
        body = body * (torch.rand((n, joints, 1, 1), generator=random) >= self.drop)
        return self._retime(body.reshape(n, -1, frames), uniform(n, 4))

    def _shown(self, body: Tensor) -> Tensor:
        """Whether each joint's body is there, [n, joints, 1, frames]: noise on zeros would make one up."""
        bodies = body.unflatten(1, (self.bodies, -1)).ne(0).any(3).any(2)
        return bodies.repeat_interleave(len(self.layout.joints), dim=1).unsqueeze(2)

    @staticmethod
    def _turns(angle: Tensor) -> Tensor:
        c, s, o, i = angle.cos(), angle.sin(), torch.zeros_like(angle), torch.ones_like(angle)
        return torch.stack([c, o, s, o, i, o, -s, o, c], 1).view(-1, 3, 3)

    def _retime(self, x: Tensor, random: Tensor) -> Tensor:
        """Cut both ends by up to `crop` and bend time by up to `warp`, linear between frames."""
        frames = x.shape[2]
        start, end = random[:, :1].abs() * self.crop, 1 - random[:, 1:2].abs() * self.crop
        t = torch.linspace(0, 1, frames).view(1, -1)
        bent = t + self.warp * (
            random[:, 2:3] * torch.sin(math.pi * t) + random[:, 3:4] / 2 * torch.sin(2 * math.pi * t)
        )
        at = ((start + (end - start) * bent).clamp(0, 1) * (frames - 1)).unsqueeze(1).expand(-1, x.shape[1], -1)
        low = at.floor().long().clamp(max=frames - 2)
        part = at - low
        return x.gather(2, low) * (1 - part) + x.gather(2, low + 1) * part
