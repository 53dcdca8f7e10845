"""A code was read: which process it belongs to is told by the scanner that read it."""

from wcs import doubts, hospital, packing, picking, sortation, trust
from wcs.lookup import the_site
from wcs.observations import Scanned
from wcs.ports import Tx


def on_scanned(seen: Scanned, tx: Tx) -> None:
    site = the_site(tx)
    seen, scanner = trust.believed(seen), str(seen.scanner)
    if doubts.on_scanned(seen, tx):
        return
    if any(scanner in (zone.scanner, zone.station) for zone in site.zones):
        picking.on_bind_scan(seen, tx)
    elif scanner == site.pack.scanner:
        packing.on_scanned(seen, tx)
    elif scanner == site.sorter.scanner:
        sortation.on_tunnel_scan(seen, tx)
    elif scanner in (site.hospital.scanner, site.hospital.station):
        hospital.on_scanned(seen, tx)
    else:
        tx.answer("refused", f"{scanner} belongs to no place of this site")
