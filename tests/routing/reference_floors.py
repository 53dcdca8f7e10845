"""Floors of every sort, at random by seed, as the plain JSON graphs that a stranger would hand in.

Lengths are metres with two decimals, so that every sum and every factor used here is a whole number
of millimetres. Nothing of `routing` is used.
"""

import math
from collections.abc import Callable
from itertools import pairwise
from random import Random
from typing import Any

Data = dict[str, Any]


class Sketch:
    """A floor being drawn; an edge without a length gets the straight line."""

    def __init__(self) -> None:
        self.nodes: dict[str, dict[str, Any]] = {}
        self.edges: list[dict[str, Any]] = []

    def node(self, name: str, x: float, y: float, kind: str = "cross", **more: Any) -> str:
        place = {"id": name, "x": round(x, 3), "y": round(y, 3), "z": more.pop("z", 0)}
        self.nodes[name] = {**place, "kind": kind, **more}
        return name

    def edge(self, u: str, v: str, length: float | None = None, **more: Any) -> None:
        straight = math.dist(*((n["x"], n["y"], n["z"]) for n in (self.nodes[u], self.nodes[v])))
        metres = max(0.01, round(straight if length is None else length, 2))
        self.edges.append({"u": u, "v": v, "length_m": metres, **more})

    def aisle(self, u: str, v: str, bays: int, name: str, **more: Any) -> None:
        """A straight aisle of evenly spread bays between two nodes there already are."""
        a, b = self.nodes[u], self.nodes[v]
        chain = [u]
        for k in range(1, bays + 1):
            part = k / (bays + 1)
            x, y, z = (a[axis] + part * (b[axis] - a[axis]) for axis in "xyz")
            chain.append(self.node(f"{name}-{k}", x, y, "bay", z=z, floor=a.get("floor", 0)))
        for here, there in pairwise([*chain, v]):
            self.edge(here, there, kind="aisle", **more)

    def without(self, chance: Random, most: int) -> None:
        for _ in range(chance.randint(0, most)):
            if self.edges:
                self.edges.pop(chance.randrange(len(self.edges)))

    def data(self) -> Data:
        return {"nodes": list(self.nodes.values()), "edges": self.edges}


def _hall(
    chance: Random, blocks: int, aisles: int = 0, bays: int = 0, name: str = "", **at: Any
) -> Sketch:
    """Aisles between blocks + 1 cross-aisles, all pitches unequal; the depot before one of them."""
    drawn, y = Sketch(), [0.0]
    aisles = aisles or chance.randint(1, 6 - blocks)
    for _ in range(blocks):
        y.append(y[-1] + chance.choice((4, 5.5, 7)))
    x = [sum(chance.choice((2, 2.5, 3)) for _ in range(a)) for a in range(aisles)]
    for a in range(aisles):
        for c in range(blocks + 1):
            drawn.node(f"{name}x{c}-{a}", x[a], y[c], **at)
            if a:
                drawn.edge(f"{name}x{c}-{a - 1}", f"{name}x{c}-{a}", kind="cross")
        for c in range(blocks):
            count = bays or chance.randint(0, 5)
            drawn.aisle(f"{name}x{c}-{a}", f"{name}x{c + 1}-{a}", count, f"{name}{c}.{a}")
    door = chance.randrange(aisles)
    drawn.node(f"{name}depot", x[door], -1.5, "depot", **at)
    drawn.edge(f"{name}depot", f"{name}x0-{door}")
    return drawn


def block(chance: Random, blocks: int = 1, aisles: int = 0, bays: int = 0) -> Data:
    return _hall(chance, blocks, aisles, bays).data()


def unequal_aisles(chance: Random) -> Data:
    """The back cross-aisle joins the ends of aisles of different depth, so it is slanted."""
    drawn, aisles = Sketch(), chance.randint(2, 5)
    for a in range(aisles):
        drawn.node(f"f{a}", 3 * a, 0)
        drawn.node(f"r{a}", 3 * a, chance.choice((3, 5, 8, 8.37)))
        drawn.aisle(f"f{a}", f"r{a}", chance.randint(0, 5), f"b{a}")
        if a:
            drawn.edge(f"f{a - 1}", f"f{a}")
            drawn.edge(f"r{a - 1}", f"r{a}")
    return drawn.data()


def missing_segments(chance: Random) -> Data:
    drawn = _hall(chance, chance.randint(1, 3))
    drawn.without(chance, 5)
    return drawn.data()


def dead_ends(chance: Random) -> Data:
    """A comb: aisles that end at the wall, some of them branched."""
    drawn, aisles = Sketch(), chance.randint(2, 6)
    for a in range(aisles):
        drawn.node(f"f{a}", 2.4 * a, 0)
        drawn.node(f"wall{a}", 2.4 * a, chance.randint(2, 7), "bay")
        drawn.aisle(f"f{a}", f"wall{a}", chance.randint(0, 4), f"b{a}")
        if a:
            drawn.edge(f"f{a - 1}", f"f{a}")
        if chance.random() < 0.3:
            drawn.node(f"nook{a}", 2.4 * a + 1, chance.randint(2, 7), "bay")
            drawn.edge(f"wall{a}", f"nook{a}")
    return drawn.data()


def tunnels(chance: Random) -> Data:
    """Holes through the racks join neighbouring aisles at any bay."""
    drawn, aisles, bays = Sketch(), chance.randint(2, 4), chance.randint(3, 5)
    for a in range(aisles):
        drawn.node(f"f{a}", 3 * a, 0)
        drawn.node(f"r{a}", 3 * a, bays + 1)
        drawn.aisle(f"f{a}", f"r{a}", bays, f"b{a}")
        if a:
            drawn.edge(f"f{a - 1}", f"f{a}")
            drawn.edge(f"r{a - 1}", f"r{a}")
            for k in chance.sample(range(1, bays + 1), chance.randint(0, 2)):
                drawn.edge(f"b{a - 1}-{k}", f"b{a}-{k}", kind="path")
    return drawn.data()


def fishbone(chance: Random) -> Data:
    """Two diagonal cross-aisles from the depot; aisles stand above and lie beside them."""
    drawn, arms = Sketch(), chance.randint(2, 3)
    top = arms * 3 + chance.choice((1.5, 2))
    drawn.node("depot", 0, 0, "depot")
    for side, sign in (("l", -1), ("r", 1)):
        for k in range(1, arms + 1):
            here = drawn.node(f"{side}{k}", sign * 3 * k, 3 * k)
            drawn.edge(f"{side}{k - 1}" if k > 1 else "depot", here, kind="cross")
            drawn.node(f"t{side}{k}", sign * 3 * k, top)
            drawn.aisle(here, f"t{side}{k}", chance.randint(0, 3), f"up{side}{k}")
            drawn.node(f"w{side}{k}", sign * (arms * 3 + 2), 3 * k, "bay")
            drawn.aisle(here, f"w{side}{k}", chance.randint(0, 3), f"out{side}{k}")
    roof = [*(f"tl{k}" for k in range(arms, 0, -1)), *(f"tr{k}" for k in range(1, arms + 1))]
    for u, v in pairwise(roof):
        drawn.edge(u, v, kind="cross")
    if chance.random() < 0.5:
        for side in "lr":
            for k in range(1, arms):
                drawn.edge(f"w{side}{k}", f"w{side}{k + 1}", kind="cross")
    return drawn.data()


def flying_v(chance: Random) -> Data:
    """Parallel aisles, crossed by a V that leaves the front further from each aisle to the next."""
    drawn, half = Sketch(), chance.randint(1, 2)
    columns = range(-half, half + 1)
    for a in columns:
        for part, y in (("f", 0.0), ("v", 2 + 1.7 * abs(a)), ("r", 9.0)):
            drawn.node(f"{part}{a}", 3 * a, y)
            if a > -half:
                drawn.edge(f"{part}{a - 1}", f"{part}{a}", kind="cross")
        drawn.aisle(f"f{a}", f"v{a}", chance.randint(0, 3), f"low{a}")
        drawn.aisle(f"v{a}", f"r{a}", chance.randint(0, 4), f"high{a}")
    return drawn.data()


def floors_and_lifts(chance: Random) -> Data:
    """Two or three storeys of one block each, joined by one or two lifts."""
    drawn, storeys, aisles = Sketch(), chance.randint(2, 3), chance.randint(2, 3)
    wells = chance.sample(range(aisles), chance.randint(1, 2))
    for level in range(storeys):
        hall = _hall(chance, 1, aisles, chance.randint(0, 3), f"{level}/", floor=level, z=4 * level)
        drawn.nodes |= hall.nodes
        drawn.edges += hall.edges
        for well in wells:
            drawn.node(f"lift{well}@{level}", 3 * well, 12, "lift", floor=level, z=4 * level)
            drawn.edge(f"{level}/x1-{well}", f"lift{well}@{level}")
            if level:
                drawn.edge(f"lift{well}@{level - 1}", f"lift{well}@{level}", 4, kind="lift")
    return drawn.data()


def rings(chance: Random) -> Data:
    """Concentric ring aisles, joined by spokes; perhaps a ring on its own without a junction."""
    drawn, spokes = Sketch(), chance.randint(1, 3)
    for r in range(1, chance.randint(1, 2) + 1):
        around = [
            drawn.node(
                f"r{r}.{k}",
                2 * r * math.cos(k * math.tau / (2 * spokes + 1)),
                2 * r * math.sin(k * math.tau / (2 * spokes + 1)),
            )
            for k in range(2 * spokes + 1)
        ]
        for number, (u, v) in enumerate(pairwise([*around, around[0]])):
            drawn.aisle(u, v, chance.randint(0, 2), f"ring{r}.{number}")
        for k in range(spokes):
            if r > 1:
                drawn.aisle(f"r{r - 1}.{k}", f"r{r}.{k}", chance.randint(0, 1), f"spoke{r}.{k}")
    return drawn.data()


def one_way_aisles(chance: Random, aisles: int = 0, bays: int = 0) -> Data:
    """Aisles walked up and down by turns; some cross-aisle steps one-way too."""
    drawn, aisles, bays = Sketch(), aisles or chance.randint(2, 5), bays or chance.randint(1, 3)
    for a in range(aisles):
        drawn.node(f"f{a}", 3 * a, 0)
        drawn.node(f"r{a}", 3 * a, 6)
        ends = (f"f{a}", f"r{a}") if a % 2 else (f"r{a}", f"f{a}")
        drawn.aisle(*ends, bays, f"b{a}", oneway=chance.random() < 0.8)
        if a:
            drawn.edge(f"f{a - 1}", f"f{a}", oneway=chance.random() < 0.15)
            drawn.edge(f"r{a - 1}", f"r{a}", oneway=chance.random() < 0.15)
    return drawn.data()


def two_one_ways(chance: Random) -> Data:
    return with_ramps(chance, block(chance, chance.randint(1, 2)))


def with_ramps(chance: Random, data: Data) -> Data:
    """Some stretches are two one-way edges, longer in one direction (a ramp, a conveyor bridge)."""
    edges = list(data["edges"])
    for edge in data["edges"]:
        if not edge.get("oneway") and chance.random() < 0.3:
            edge["oneway"] = True
            back = round(edge["length_m"] + chance.choice((0, 1, 5)), 2)
            edges.append({**edge, "u": edge["v"], "v": edge["u"], "length_m": back})
    return {**data, "edges": edges}


def islands(chance: Random) -> Data:
    """Two halls without a door between them, and a node that nothing leads to."""
    one, two = _hall(chance, 1, name="A"), _hall(chance, 1, name="B")
    one.nodes |= two.nodes
    one.edges += two.edges
    one.node("alone", -5, -5, "charge")
    return one.data()


def parallel_ways(chance: Random) -> Data:
    """Bundles of ways between the same two junctions, long and short, with bays or without."""
    drawn, last = Sketch(), chance.randint(1, 3)
    for j in range(last + 1):
        drawn.node(f"j{j}", 5 * j, 0)
    for j in range(last):
        if chance.random() < 0.7:
            drawn.edge(f"j{j}", f"j{j + 1}", chance.choice((0.5, 5, 40)))
        for way in range(chance.randint(1, 3)):
            drawn.aisle(f"j{j}", f"j{j + 1}", chance.randint(1, 3), f"way{j}.{way}")
    return drawn.data()


def anything(chance: Random) -> Data:
    """A tree of chains and stars, and a few more edges."""
    drawn, n = Sketch(), chance.randint(1, 14)
    for i in range(n):
        drawn.node(f"n{i}", chance.uniform(-9, 9), chance.uniform(-9, 9), "bay")
    joined = {(i - 1 if chance.random() < 0.6 else chance.randrange(i), i) for i in range(1, n)}
    for _ in range(chance.randint(0, 5)):
        u, v = sorted((chance.randrange(n), chance.randrange(n)))
        if u != v:
            joined.add((u, v))
    for u, v in sorted(joined):
        drawn.edge(f"n{u}", f"n{v}", chance.choice((1, 1, 2, 3.5, chance.uniform(0.01, 20))))
    return drawn.data()


def mesh(chance: Random) -> Data:
    """Pallets on an open floor: a grid of crossings with holes, wider than any warehouse."""
    drawn, wide, deep = Sketch(), chance.randint(3, 5), chance.randint(3, 5)
    for x in range(wide):
        for y in range(deep):
            drawn.node(f"{x}:{y}", x, y)
            if x:
                drawn.edge(f"{x - 1}:{y}", f"{x}:{y}", chance.choice((1, 1.5)))
            if y:
                drawn.edge(f"{x}:{y - 1}", f"{x}:{y}", chance.choice((1, 1.5)))
    drawn.without(chance, 4)
    return drawn.data()


UNDIRECTED: dict[str, Callable[[Random], Data]] = {
    "one block": block,
    "two blocks": lambda chance: block(chance, 2),
    "three blocks": lambda chance: block(chance, 3),
    "unequal aisles": unequal_aisles,
    "missing segments": missing_segments,
    "dead ends": dead_ends,
    "tunnels": tunnels,
    "fishbone": fishbone,
    "flying v": flying_v,
    "floors and lifts": floors_and_lifts,
    "rings": rings,
    "islands": islands,
    "parallel ways": parallel_ways,
    "anything": anything,
    "mesh": mesh,
}
DIRECTED: dict[str, Callable[[Random], Data]] = {
    "one-way aisles": one_way_aisles,
    "two one-ways": two_one_ways,
}
SORTS = UNDIRECTED | DIRECTED


def renamed(chance: Random, data: Data) -> Data:
    """The same floor under names that a careless reader trips over; rows in any order."""
    names = [str(row["id"]) for row in data["nodes"]]
    styles: list[Callable[[int], str]] = [
        lambda i: names[i],
        lambda i: str(len(names) - i),
        lambda i: f"Gäng {i}/{'⇄' * (i % 3)}",
        lambda i: f" {i}" if i % 2 else f'"{i}", ',
        lambda i: f"{i:0{1 + i % 5}d}",
    ]
    style = chance.choice(styles)
    new = {name: style(i) for i, name in enumerate(names)}
    nodes = [{**row, "id": new[row["id"]]} for row in data["nodes"]]
    edges = [{**row, "u": new[row["u"]], "v": new[row["v"]]} for row in data["edges"]]
    chance.shuffle(nodes)
    chance.shuffle(edges)
    return {"nodes": nodes, "edges": edges}
