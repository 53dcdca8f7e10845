"""What the warehouse deals in: its items and their opening stock."""

from wcs import allocating, stock
from wcs.lookup import the_site
from wcs.model import HeldFor, Item
from wcs.observations import ItemDefined, StockOpened
from wcs.ports import Tx
from wcs.walking import layout_of


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
    if seen.location not in layout_of(the_site(tx).layout).locations:
        return f"{seen.location} is no location of the layout"
    if tx.get(Item, f"{seen.owner}|{seen.sku}") is None:
        return f"{seen.sku} of {seen.owner} is not known: load the items first"
    if seen.qty < 0:
        return f"{seen.location} cannot hold {seen.qty} pieces"
    if opened not in (None, seen.qty):
        was = f"{seen.location} was opened with {opened} {seen.sku}"
        return f"{was}: a count changes it, not a second opening with {seen.qty}"
    return ""
