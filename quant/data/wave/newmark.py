"""Steps in time: Newmark's method with gamma 1/2, which is of second order (Hughes, The Finite Element Method, ch. 9).

beta 1/4, the average acceleration: implicit, stable for any step, and it conserves the energy exactly. One
factorisation serves all steps. beta 0, central differences: explicit with a lumped mass, a step costs one product with
the stiffness matrix, but it is stable only up to `stable_step`. The data set is made with the latter: with linear
elements its error in time is no greater than that in space at the greatest stable step, which costs the least.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sparse
from scipy.sparse.linalg import eigsh, splu

from codesign.errors import UserError
from quant.data.wave import checks
from quant.data.wave.assembly import System

IMPLICIT, EXPLICIT = 0.25, 0.0


@dataclass(frozen=True)
class State:
    """Displacement, velocity and acceleration of all unknowns at one time, [N] each."""

    u: np.ndarray
    v: np.ndarray
    a: np.ndarray

    def __getitem__(self, part: np.ndarray) -> State:
        return State(self.u[part], self.v[part], self.a[part])


def stable_step(system: System) -> float:
    """The greatest step that is stable with beta 0: 2 / omega, omega the highest frequency of the mesh.

    omega^2 is the greatest eigenvalue of M^-1 K, found by Lanczos' method to 0.1 %. On squares of side h at one speed c
    the step is h / (c sqrt 2), and 2 % less where a corner's mass is that of a single triangle.
    """
    free = np.setdiff1d(np.arange(system.mass.shape[0]), system.fixed)
    scale = sparse.diags_array(1 / np.sqrt(system.mass.diagonal()[free]))
    scaled = scale @ system.stiffness[free][:, free] @ scale
    start = np.random.default_rng(0).standard_normal(len(free))
    greatest = eigsh(scaled, 1, which="LM", tol=1e-3, v0=start, return_eigenvectors=False)[0]
    return float(2 / np.sqrt(greatest))


class Newmark:
    """Takes a `System` from state to state.

    Args:
        system: the matrices.
        step: in time.
        beta: IMPLICIT or EXPLICIT.

    Raises:
        UserError: the step is not positive, or beta is 0 and the mass isn't lumped or the step is beyond the limit.
    """

    def __init__(self, system: System, step: float, beta: float = IMPLICIT) -> None:
        checks.positive("time step", step)
        if beta not in (IMPLICIT, EXPLICIT):
            raise UserError(f"Newmark's beta is {beta}: it must be 0 (explicit) or 0.25 (implicit).")
        if beta == EXPLICIT:
            if not system.lumped:
                raise UserError(
                    "Explicit steps need a diagonal mass matrix: assemble with lumped=True, or use beta 0.25."
                )
            checks.stable(step, stable_step(system))
        self.system, self.step, self.beta = system, step, beta
        self.free = np.setdiff1d(np.arange(system.mass.shape[0]), system.fixed)
        self._damped = system.damping.nnz > 0
        whole = system.mass + step / 2 * system.damping + beta * step**2 * system.stiffness
        self._solve = _solver(whole, self.free)

    def start(self, u: np.ndarray, v: np.ndarray, load: np.ndarray | float = 0.0) -> State:
        """The state with displacement ``u`` [N], velocity ``v`` [N] and the acceleration that balances ``load``."""
        s = self.system
        right = load - s.stiffness @ u - s.damping @ v
        a = np.zeros_like(u)
        a[self.free] = _solver(s.mass, self.free)(right[self.free])
        return State(u, v, a)

    def advance(self, state: State, load: np.ndarray | float = 0.0, given: State | None = None) -> State:
        """The state one step later.

        Args:
            state: now.
            load: the load vector one step later.
            given: the values of ``system.fixed`` one step later; zeros if left out.
        """
        s, h, beta, fixed = self.system, self.step, self.beta, self.system.fixed
        u = state.u + h * state.v + h**2 * (0.5 - beta) * state.a
        v = state.v + h / 2 * state.a
        a = np.zeros_like(u)
        if len(fixed):
            u[fixed], v[fixed], a[fixed] = (given.u, given.v, given.a) if given is not None else (0.0, 0.0, 0.0)
        right = load - s.stiffness @ u
        if self._damped:
            right -= s.damping @ v
        if given is not None and not s.lumped:
            right -= s.mass @ a
        free = self.free
        solved = self._solve(right[free])
        a[free] = solved
        u[free] += beta * h**2 * solved
        v[free] += h / 2 * solved
        return State(u, v, a)


class _Diagonal:
    def __init__(self, diagonal: np.ndarray) -> None:
        self.inverse = 1 / diagonal

    def __call__(self, right: np.ndarray) -> np.ndarray:
        return self.inverse * right


def _solver(matrix: sparse.csr_matrix, free: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    part = matrix.tocsr()[free][:, free]
    off = part - sparse.diags_array(part.diagonal())
    if not off.count_nonzero():
        return _Diagonal(part.diagonal())
    solve: Callable[[np.ndarray], np.ndarray] = splu(part.tocsc()).solve
    return solve
