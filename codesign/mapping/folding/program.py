"""A mixed-integer linear program, row by row, and HiGHS (Huangfu, Hall 2018) that solves it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import highspy
import numpy as np

FEASIBLE = 2
"""HiGHS' kSolutionStatusFeasible."""


@dataclass
class Program:
    """Minimize the sum of the columns' costs; columns are at least 0.

    Attributes:
        cost, upper, integer: of each column.
        rows: (low, high, {column: coefficient}).
    """

    cost: list[float] = field(default_factory=list)
    upper: list[float] = field(default_factory=list)
    integer: list[bool] = field(default_factory=list)
    rows: list[tuple[float, float, dict[int, float]]] = field(default_factory=list)

    def column(self, cost: float = 0.0, upper: float = 1.0, integer: bool = False) -> int:
        """Add a variable and return its number."""
        self.cost.append(cost)
        self.upper.append(upper)
        self.integer.append(integer)
        return len(self.cost) - 1

    def row(self, terms: Mapping[int, float], low: float = -math.inf, high: float = math.inf) -> None:
        """Add a constraint on a weighted sum of columns."""
        self.rows.append((low, high, dict(terms)))

    def solve(
        self, seconds: float, gap: float, first: bool = False, start: Mapping[int, float] | None = None
    ) -> tuple[list[float], bool]:
        """Return the columns' values, none where no solution was found, and whether that is proven.

        One thread, so that the same program has the same solution, but where the time is over.

        Args:
            seconds: time limit; what is best by then is returned.
            gap: to the best possible objective, at most, relative.
            first: whether any solution will do.
            start: values of the integer columns to begin with.
        """
        highs = highspy.Highs()
        highs.setOptionValue("output_flag", False)
        highs.setOptionValue("threads", 1)
        highs.setOptionValue("time_limit", float(seconds))
        highs.setOptionValue("mip_rel_gap", gap)
        if first:
            highs.setOptionValue("mip_max_improving_sols", 1)
        highs.passModel(self._passed())
        if start:
            columns = np.array(sorted(start), np.int32)
            highs.setSolution(len(columns), columns, np.array([start[c] for c in columns], np.float64))
        highs.run()
        status = highs.getModelStatus()
        proven = status in (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kInfeasible)
        found = highs.getInfo().primal_solution_status == FEASIBLE
        return list(highs.getSolution().col_value) if found else [], proven

    def _passed(self) -> highspy.HighsLp:
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = len(self.cost), len(self.rows)
        lp.col_cost_, lp.col_lower_, lp.col_upper_ = np.array(self.cost), np.zeros(len(self.cost)), np.array(self.upper)
        lp.row_lower_ = np.array([low for low, _, _ in self.rows])
        lp.row_upper_ = np.array([high for _, high, _ in self.rows])
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_ = np.cumsum([0, *(len(terms) for _, _, terms in self.rows)], dtype=np.int32)
        lp.a_matrix_.index_ = np.array([c for _, _, terms in self.rows for c in terms], np.int32)
        lp.a_matrix_.value_ = np.array([v for _, _, terms in self.rows for v in terms.values()], np.float64)
        kinds = highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger
        lp.integrality_ = [kinds[integer] for integer in self.integer]
        return lp
