"""What was read of one carton, by one head or several: its codes, none, or plates that cannot all
be true. A pure rule, declared in the map."""

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple

from devices.map.schema import MultiRead
from devices.scanner.marking import marks_of
from devices.scanner.payload import Read
from devices.scanner.scan import Scan
from wcs.names import Barcode, DeviceId
from wcs.observations import Scanned


class Said(NamedTuple):
    codes: tuple[Barcode, ...]
    scans: tuple[Scan, ...]
    conflict: tuple[Barcode, ...] = ()
    """Different plates on one carton, or of two cartons in one gate: nothing is believed then."""

    def seen(self, scanner: DeviceId, trigger: int | None, at: datetime, today: date) -> Scanned:
        """today: for the century of the dates in the codes."""
        return Scanned(
            scanner=scanner,
            codes=self.codes,
            trigger=trigger,
            marks=marks_of(self.scans, today),
            conflict=self.conflict,
            at=at,
        )


def together(reads: Sequence[Read], rule: MultiRead | None, foreign: Sequence[Read] = ()) -> Said:
    """A head that reads nothing does not hide what another has read.

    foreign: what the carton behind or in front could own as well.
    """
    codes, scans = _merged(reads)
    if foreign:
        others = _merged(foreign)[0]
        return Said((), (), tuple(dict.fromkeys((*codes, *others))))
    if rule is None:
        return Said(codes, scans)
    plates = _plates(codes, scans, rule)
    if len(plates) > 1 and rule.conflict == "no_read":
        return Said((), (), plates)
    return Said(codes[:1] if rule.keep == "first" else codes, scans)


def _merged(reads: Iterable[Read]) -> tuple[tuple[Barcode, ...], tuple[Scan, ...]]:
    """Each once, in the order of the reads."""
    every = list(reads)
    codes = dict.fromkeys(code for one in every for code in one.codes)
    scans = {scan.raw: scan for one in every for scan in one.scans}
    return tuple(codes), tuple(scans.values())


def _plates(
    codes: Sequence[Barcode], scans: Sequence[Scan], rule: MultiRead
) -> tuple[Barcode, ...]:
    """What must be one: the codes of the rule's form; without one, SSCCs."""
    if rule.plate is not None:
        form = re.compile(rule.plate)
        return tuple(code for code in codes if form.fullmatch(code))
    ssccs = (scan.value("00") for scan in scans)
    return tuple(dict.fromkeys(Barcode(one) for one in ssccs if one))
