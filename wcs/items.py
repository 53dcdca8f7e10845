"""What the warehouse deals in: the site itself, its items and their opening stock."""

from datetime import datetime

from routing.errors import LayoutError
from wcs import allocating, merging, release, stock
from wcs.events import SiteAdopted
from wcs.lookup import the_site
from wcs.model import HeldFor, Item, Order
from wcs.observations import ItemDefined, SiteChanged, StockOpened
from wcs.ports import Tx
from wcs.site import Site


def on_item_defined(seen: ItemDefined, tx: Tx) -> None:
    item = Item(
        owner=seen.owner,
        sku=seen.sku,
        name=seen.name,
        barcodes=seen.barcodes,
        weight_g=seen.weight_g,
        case_size=seen.case_size,
    )
    if seen.weight_g < 1 or seen.case_size < 1:
        tx.answer("refused", f"{seen.sku}: weight and case size start at 1")
        return
    known = tx.get(Item, item.key) is not None
    tx.save(item)
    if not known:
        for held in list(tx.find(HeldFor, stock=item.key)):
            allocating.look_again(tx, held, seen.at)
        allocating.came_free(tx, item.owner, [item.sku], seen.at)


def on_stock_opened(seen: StockOpened, tx: Tx) -> None:
    row = stock.balance(tx, stock.shelf(seen.location), seen.owner, seen.sku)
    why = _not_opened_because(tx, seen, row.opened)
    if why:
        tx.answer("refused", why)
    elif row.opened is None:
        stock.open_shelf(tx, seen.owner, seen.sku, seen.location, seen.qty, seen.by, seen.at)
        allocating.came_free(tx, seen.owner, [seen.sku], seen.at)


def _not_opened_because(tx: Tx, seen: StockOpened, opened: int | None) -> str:
    if seen.location not in release.layout_of(the_site(tx).layout).locations:
        return f"{seen.location} is no location of the layout"
    if tx.get(Item, f"{seen.owner}|{seen.sku}") is None:
        return f"{seen.sku} of {seen.owner} is not known: load the items first"
    if seen.qty < 0:
        return f"{seen.location} cannot hold {seen.qty} pieces"
    if opened not in (None, seen.qty):
        was = f"{seen.location} was opened with {opened} {seen.sku}"
        return f"{was}: a count changes it, not a second opening with {seen.qty}"
    return ""


def on_site_changed(seen: SiteChanged, tx: Tx) -> None:
    why = _not_adopted_because(seen.site)
    if why:
        tx.answer("refused", why)
    elif tx.get(Site, "site") != seen.site:
        tx.save(seen.site)
        tx.emit(SiteAdopted(name=seen.site.name, by=seen.by, at=seen.at))
        merging.on_site(tx, seen.site, seen.at)
        _retry_held(tx, seen.at)


def _not_adopted_because(site: Site) -> str:
    try:
        layout = release.layout_of(site.layout)
    except (LayoutError, ValueError) as err:
        return str(err)
    for zone in site.zones:
        missing = {zone.start, zone.end} - layout.nodes.keys()
        missing |= zone.light_of.keys() - layout.locations.keys()
        if missing:
            return f"zone {zone.station}: {', '.join(sorted(missing))} not in the layout"
    return ""


def _retry_held(tx: Tx, at: datetime) -> None:
    """A site may bring the carrier or the zone that an order was waiting for."""
    for order in list(tx.find(Order, state="held")):
        order = allocating.allocate(tx, order, at)
        stock.tell_levels(tx, order.owner, [line.sku for line in order.lines], at)
    release.fill_zones(tx, at)
