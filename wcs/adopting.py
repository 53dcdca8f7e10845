"""A site is adopted: what waits is planned anew for it, what is being
picked must fit in it."""

from collections import defaultdict
from datetime import datetime

from routing.errors import LayoutError
from wcs import allocating, batches, merging
from wcs.events import SiteAdopted
from wcs.lookup import zone_at
from wcs.model import Order, Pick
from wcs.names import Owner, Sku
from wcs.observations import SiteChanged
from wcs.ports import Tx
from wcs.site import Site, Zone
from wcs.starting import queue_key
from wcs.walking import layout_of


def on_site_changed(seen: SiteChanged, tx: Tx) -> None:
    before, site = tx.get(Site, "site"), seen.site
    why = contradiction(site) or _in_the_way(tx, site)
    if why:
        tx.answer("refused", why)
    elif before != site:
        tx.save(site)
        tx.emit(SiteAdopted(name=site.name, by=seen.by, at=seen.at))
        merging.on_site(tx, site, seen.at)
        batches.forget_asked(tx)
        if before and _plans_by(before) != _plans_by(site):
            _plan_anew(tx, seen.at)


def contradiction(site: Site) -> str:
    """Why the zones do not fit the layout; empty when they do."""
    try:
        layout = layout_of(site.layout)
    except (LayoutError, ValueError) as err:
        return str(err)
    for zone in site.zones:
        missing = {zone.start, zone.end} - layout.nodes.keys()
        missing |= zone.light_of.keys() - layout.locations.keys()
        if missing:
            return f"zone {zone.station}: {', '.join(sorted(missing))} not in the layout"
    return ""


def _in_the_way(tx: Tx, site: Site) -> str:
    for state in ("carton", "picking"):
        for pick in tx.find(Pick, state=state):
            if not _fits(pick, zone_at(site, pick.station)):
                return f"order {pick.order} is being picked at {pick.station}, which would change"
    return ""


def _fits(pick: Pick, zone: Zone | None) -> bool:
    return zone is not None and all(
        zone.light_of.get(step.location) == step.light for step in pick.steps
    )


def _plans_by(site: Site) -> tuple[object, ...]:
    return site.zones, site.channels, site.carriers, site.layout


def _plan_anew(tx: Tx, at: datetime) -> None:
    """First in the queue first, then what is held: it may have waited for a carrier or a zone."""
    waiting = sorted(tx.find(Order, state="waiting"), key=queue_key)
    held = sorted(tx.find(Order, state="held"), key=queue_key)
    skus: dict[Owner, list[Sku]] = defaultdict(list)
    for order in [*(allocating.give_back(tx, order) for order in waiting), *held]:
        allocating.allocate(tx, order, at)
        skus[order.owner] += [line.sku for line in order.lines]
    for owner, touched in skus.items():
        allocating.settle(tx, owner, touched, at)
