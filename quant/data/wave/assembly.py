"""The mesh and the matrices: M u'' + C u' + K u = f for the wave equation on a rectangle, with scikit-fem."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sparse
from skfem import Basis, BilinearForm, ElementTriP1, ElementTriP2, LinearForm, MeshTri
from skfem.helpers import dot, grad

from codesign.errors import UserError
from quant.data.wave import checks

SIDES = ("left", "right", "bottom", "top")
DIRICHLET, NEUMANN, ABSORBING = KINDS = ("dirichlet", "neumann", "absorbing")
ELEMENTS = {1: ElementTriP1, 2: ElementTriP2}

Speed = Callable[[np.ndarray], np.ndarray]
"""Positions [2, ...] to wave speeds [...]."""


@dataclass(frozen=True)
class System:
    """The matrices of M u'' + C u' + K u = f, and the unknowns whose values are given.

    Attributes:
        basis: scikit-fem's, with the mesh and the element.
        mass, damping, stiffness: sparse [N, N]; mass and damping are diagonal where they are lumped.
        fixed: the numbers of the unknowns on Dirichlet sides.
        lumped: whether mass and damping are.
    """

    basis: Any
    mass: sparse.csr_matrix
    damping: sparse.csr_matrix
    stiffness: sparse.csr_matrix
    fixed: np.ndarray
    lumped: bool

    @property
    def points(self) -> np.ndarray:
        """Where the unknowns lie, [2, N]."""
        return np.asarray(self.basis.doflocs)

    def energy(self, u: np.ndarray, v: np.ndarray) -> float:
        """Kinetic and potential energy of the displacement ``u`` [N] and the velocity ``v`` [N]."""
        return float(v @ (self.mass @ v) + u @ (self.stiffness @ u)) / 2

    def norm(self, u: np.ndarray) -> float:
        """The L2 norm of the field with the values ``u`` [N]."""
        return float(np.sqrt(max(u @ (self.mass @ u), 0.0)))


def mesh(x: np.ndarray, y: np.ndarray) -> MeshTri:
    """Right-angled triangles on the lines ``x`` and ``y`` (rising), with the rectangle's four sides named."""
    ends = {
        "left": lambda p: np.isclose(p[0], x[0]),
        "right": lambda p: np.isclose(p[0], x[-1]),
        "bottom": lambda p: np.isclose(p[1], y[0]),
        "top": lambda p: np.isclose(p[1], y[-1]),
    }
    return MeshTri.init_tensor(np.asarray(x, float), np.asarray(y, float)).with_boundaries(ends)


def assemble(
    x: np.ndarray, y: np.ndarray, speed: Speed, sides: Mapping[str, str], degree: int = 1, lumped: bool = False
) -> System:
    """Return the matrices on ``mesh(x, y)`` with triangles of polynomial ``degree`` 1 or 2.

    A Neumann side has no term (c^2 u_n = 0). An absorbing side is the first-order condition u_t + c u_n = 0 (Engquist
    and Majda 1977), exact for waves that meet it head on; it gives the damping matrix, the integral of c u v along it.

    Args:
        x, y: lines of the mesh.
        speed: the wave speed, evaluated at the points of quadrature.
        sides: the kind of each of SIDES, one of KINDS.
        degree: of the elements.
        lumped: sum the rows of mass and damping into their diagonals: needed for explicit steps, degree 1 only.

    Raises:
        UserError: a speed is not positive or not finite, a side or the degree is unknown.
    """
    checks.sides(sides, SIDES, KINDS)
    if degree not in ELEMENTS or (lumped and degree != 1):
        raise UserError(f"Elements of degree {degree}{' with lumped mass' if lumped else ''} are not there: use 1"
                        f"{'' if lumped else ' or 2'}.")  # fmt: skip
    basis = Basis(mesh(x, y), ELEMENTS[degree](), intorder=2 * degree)
    at_points = checks.speeds(speed(np.asarray(basis.global_coordinates())), np.asarray(basis.global_coordinates()))
    mass = _mass.assemble(basis)
    stiffness = _stiffness.assemble(basis, c=at_points)
    damping = sparse.csr_matrix(mass.shape)
    for side in (s for s in SIDES if sides[s] == ABSORBING):
        edge = basis.boundary(side)
        damping = damping + _damping.assemble(edge, c=speed(np.asarray(edge.global_coordinates())))
    fixed = [basis.get_dofs(side).flatten() for side in SIDES if sides[side] == DIRICHLET]
    if lumped:
        mass, damping = _lump(mass), _lump(damping)
    return System(
        basis, mass.tocsr(), damping.tocsr(), stiffness.tocsr(),
        np.unique(np.concatenate(fixed)) if fixed else np.zeros(0, int), lumped,
    )  # fmt: skip


def load(basis: Any, density: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """The load vector [N] of a source's ``density`` (positions [2, ...] to values [...])."""
    return np.asarray(LinearForm(lambda v, w: density(np.asarray(w.x)) * v).assemble(basis))


@BilinearForm
def _mass(u: Any, v: Any, _: Any) -> Any:
    return u * v


@BilinearForm
def _stiffness(u: Any, v: Any, w: Any) -> Any:
    return w.c**2 * dot(grad(u), grad(v))


@BilinearForm
def _damping(u: Any, v: Any, w: Any) -> Any:
    return w.c * u * v


def _lump(matrix: Any) -> Any:
    return sparse.diags_array(np.asarray(matrix.sum(axis=1)).ravel())
