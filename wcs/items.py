"""What the warehouse deals in: items, opening stock, the site itself."""

from wcs.observations import ItemDefined, SiteChanged, StockOpened
from wcs.ports import Tx


def on_item_defined(seen: ItemDefined, tx: Tx) -> None:
    raise NotImplementedError


def on_stock_opened(seen: StockOpened, tx: Tx) -> None:
    raise NotImplementedError


def on_site_changed(seen: SiteChanged, tx: Tx) -> None:
    raise NotImplementedError
