"""The length of a vehicle's trajectory: a non-uniform rational B-spline, as LIF and VDA 5050 have.

Evaluated with de Boor's algorithm (de Boor 1972, doi:10.1016/0021-9045(72)90080-9) in homogeneous
coordinates, and measured by chords.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

CHORDS = 64  # in each knot span: a quarter circle is 0.01 % short
Control = tuple[float, float, float]  # x, y, weight


def is_curve(degree: int, knots: Sequence[float], points: Sequence[Control]) -> bool:
    """Whether degree, knots and points fit each other."""
    return (
        1 <= degree < len(points)
        and len(knots) == len(points) + degree + 1
        and all(low <= high for low, high in pairwise(knots))
        and knots[degree] < knots[len(points)]
        and all(weight > 0 for _, _, weight in points)
    )


def curve_length(degree: int, knots: Sequence[float], points: Sequence[Control]) -> float:
    """In the unit of the points, which must be a curve."""
    spans = [(low, high) for low, high in pairwise(knots[degree : len(points) + 1]) if low < high]
    steps = [low + (high - low) * i / CHORDS for low, high in spans for i in range(CHORDS)]
    places = [_at(u, degree, knots, points) for u in (*steps, knots[len(points)])]
    return sum(math.dist(here, there) for here, there in pairwise(places))


def _at(
    u: float, degree: int, knots: Sequence[float], points: Sequence[Control]
) -> tuple[float, float]:
    span = max(i for i in range(degree, len(points)) if knots[i] <= u and knots[i] < knots[i + 1])
    row = [(x * w, y * w, w) for x, y, w in points[span - degree : span + 1]]
    for level in range(1, degree + 1):
        for i in range(degree, level - 1, -1):
            low, high = knots[span - degree + i], knots[span + 1 + i - level]
            share = (u - low) / (high - low)
            row[i] = _between(row[i - 1], row[i], share)
    x, y, weight = row[degree]
    return x / weight, y / weight


def _between(a: Control, b: Control, share: float) -> Control:
    x, y, w = (p + (q - p) * share for p, q in zip(a, b, strict=True))
    return x, y, w
