"""Waves in two dimensions by finite elements: a data set of this project's own, for nets that stand in for a solver.

The wave equation u_tt = div(c^2 grad u) + f on the unit square, with random ellipses of another speed, random sources
and random kinds of sides. Lengths in sides of the square, times in such units that the background's speed is 1.

    assembly.py   mesh and matrices (scikit-fem)            tasks.py     the arrays that nets learn from
    newmark.py    steps in time                             storage.py   fields on disk, made once
    problems.py   random media, sources, sides              picture.py   problems and fields, drawn
    sizes.py      the sizes of the data set                 timing.py    what the solver costs
    simulate.py   a problem solved, its fields on a grid    checks.py    what is refused
    zone.py       the zone of interest and its submodel
"""
