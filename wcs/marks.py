"""What a code says about the thing it is on, beside the key by which rules look the thing up."""

from datetime import date

from wcs.names import Barcode
from wcs.records import record


@record
class Mark:
    """One code of a read, as GS1 understands it: good values only, the others are `problems`."""

    code: Barcode
    """The one of `Scanned.codes` that this belongs to."""
    sscc: str | None = None
    gtin: str | None = None
    """Fourteen digits, of the thing itself."""
    content: str | None = None
    """Fourteen digits, of what is on the pallet."""
    count: int | None = None
    lot: str | None = None
    serial: str | None = None
    expires: date | None = None
    net_g: int | None = None
    problems: tuple[str, ...] = ()
    guessed: bool = False
    """Nothing in the code itself says that it is GS1."""
    doubt: str = ""
    """Why `code` may be another than the one that stands there: nothing is moved by it."""
