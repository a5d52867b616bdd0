"""The frames that a package brings along, with the integers that must come out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from codesign_board.errors import PackageError
from codesign_board.package import Package


@dataclass(frozen=True, eq=False)
class Samples:
    """Frames and what is known of them.

    Attributes:
        inputs: float32 [N, *model_shape].
        outputs: int64 [N, *shape], channels last: what the network's own integers are.
        labels: int64 [N], -1 where it is not known.
        source: where the frames are from.
        edges: int64 [E, 2], a skeleton's bones, where the frames are skeletons.
        joints: how many joints a skeleton has, 0 where they are none.
    """

    inputs: np.ndarray
    outputs: np.ndarray
    labels: np.ndarray
    source: str
    edges: np.ndarray
    joints: int

    @classmethod
    def of(cls, package: Package) -> Samples:
        """Return the package's samples.

        Raises:
            PackageError: it has none, or they are not what they should be.
        """
        path = package.file("samples")
        try:
            with np.load(path, allow_pickle=False) as stored:
                return cls(
                    **{name: stored[name] for name in ("inputs", "outputs", "labels", "edges")},
                    source=str(stored["source"]),
                    joints=int(stored["joints"]),
                )
        except (KeyError, ValueError, OSError) as error:
            raise PackageError(f"The samples {path} cannot be read ({error}): build the package again.") from error
