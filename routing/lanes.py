"""A walk as a line to draw: kept to the right, so that there and back are two lines, and arrows."""

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise

Point = tuple[float, float]
SHARP = -0.7  # cosine of a turn that is drawn as turning round


def kept_right(points: Sequence[Point], by: float) -> list[Point]:
    """The line `by` to the right of a walk through `points` (to its left where y grows downwards).

    Corners stay corners; where the walk turns round the line goes to the other side.
    """
    corners = _corners(points)
    if len(corners) < 2:
        return corners
    ways = [_unit(a, b) for a, b in pairwise(corners)]
    line = [_aside(corners[0], ways[0], by)]
    for corner, (before, after) in zip(corners[1:-1], pairwise(ways), strict=True):
        line += _joint(corner, before, after, by)
    return [*line, _aside(corners[-1], ways[-1], by)]


def arrows(line: Sequence[Point], every: float) -> Iterator[tuple[Point, float]]:
    """Places about `every` apart with the direction there in radians: the middle of each stretch
    that is long enough."""
    left = every / 2
    for a, b in pairwise(line):
        length = math.dist(a, b)
        while left <= length:
            share = left / length
            place = (a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share)
            yield place, math.atan2(b[1] - a[1], b[0] - a[0])
            left += every
        left -= length


def _corners(points: Sequence[Point]) -> list[Point]:
    """Without repeats, and without what is passed straight on."""
    kept: list[Point] = []
    for point in points:
        if kept and math.dist(kept[-1], point) < 1e-6:
            continue
        if len(kept) > 1 and _straight(kept[-2], kept[-1], point):
            kept.pop()
        kept.append(point)
    return kept


def _straight(a: Point, b: Point, c: Point) -> bool:
    before, after = _unit(a, b), _unit(b, c)
    return math.dist(before, after) < 1e-3


def _unit(a: Point, b: Point) -> Point:
    length = math.dist(a, b)
    return (b[0] - a[0]) / length, (b[1] - a[1]) / length


def _aside(point: Point, way: Point, by: float) -> Point:
    return point[0] + way[1] * by, point[1] - way[0] * by


def _joint(corner: Point, before: Point, after: Point, by: float) -> list[Point]:
    cosine = before[0] * after[0] + before[1] * after[1]
    if cosine < SHARP:
        return [_aside(corner, before, by), _aside(corner, after, by)]
    share = by / (1 + cosine)
    aside = before[1] + after[1], -(before[0] + after[0])
    return [(corner[0] + aside[0] * share, corner[1] + aside[1] * share)]
