"""Waves in two dimensions by finite elements: a data set of this project's own, for nets that stand in for a solver.

The wave equation u_tt = div(c^2 grad u) + f on the unit square, with random ellipses of another speed, random sources
and random kinds of sides. Lengths in sides of the square, times in such units that the background's speed is 1.

    assembly.py   mesh and matrices (scikit-fem)       convergence.py  the solver against analytic solutions
    newmark.py    steps in time                        tasks.py        the arrays that nets learn from
    problems.py   random media, sources, sides         storage.py      fields on disk, made once
    sizes.py      the sizes of the data set            picture.py      problems and fields, drawn
    simulate.py   a problem solved, on a grid          timing.py       what the solver costs
    zone.py       the zone of interest, its submodel   checks.py       what is refused
"""
