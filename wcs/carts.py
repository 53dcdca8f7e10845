"""Several orders on one walk, each into its own carton on the picker's cart.

First a carton is scanned for each order. Then only the next lamp of the walk is lit, and the
display says into which carton its pieces go. The cartons are handed over together, when the walk is
done.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from wcs import lights
from wcs.model import Batch, Pick, Step
from wcs.names import LightId, LocationCode
from wcs.ports import Tx
from wcs.site import Zone


def together(tx: Tx, pick: Pick) -> list[Pick]:
    """The open picks of its batch, those without a carton first; itself when it is alone."""
    if not pick.batch:
        return [pick]
    return [
        each
        for state in ("carton", "picking")
        for each in tx.find(Pick, state=state)
        if each.batch == pick.batch
    ]


def on_the_walk(walk: Sequence[LocationCode], picks: Sequence[Pick]) -> list[tuple[Pick, Step]]:
    """All steps in the order in which the picker comes by, of one location by pick; where the plan
    does not know of a location, because a shelf came up short, it comes last."""
    at = {location: n for n, location in enumerate(walk)}
    steps = [(pick, step) for pick in sorted(picks, key=lambda p: p.key) for step in pick.steps]
    return sorted(steps, key=lambda found: at.get(found[1].location, len(at)))


def next_step(walk: Sequence[LocationCode], picks: Sequence[Pick]) -> tuple[Pick, Step] | None:
    open_ = (found for found in on_the_walk(walk, picks) if found[1].state == "open")
    return next(open_, None)


def show(tx: Tx, zone: Zone, picks: Sequence[Pick], at: datetime) -> None:
    """`picks` are together, and some step of theirs is open."""
    batch = tx.get(Batch, picks[0].batch)
    unbound = [pick for pick in picks if pick.state == "carton"]
    found = next_step(batch.walk if batch else (), picks)
    for light in _lights(picks):
        if unbound or found is None or light != found[1].light:
            lights.dark(tx, zone, light, at)
    if unbound:
        count = f"SCAN CARTON {len(picks) - len(unbound) + 1}/{len(picks)}"
        lights.show_display(tx, zone, unbound[0].key, count, at)
    elif found:
        pick, step = found
        lights.show_step(tx, zone, step, at, flash=True)
        lights.show_display(tx, zone, pick.key, str(pick.lpn), at)


def _lights(picks: Sequence[Pick]) -> Iterator[LightId]:
    yield from dict.fromkeys(step.light for pick in picks for step in pick.steps)
