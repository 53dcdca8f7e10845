"""What became of the cartons: lanes, the hospital and why, by the world's own record."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

Witness = Mapping[str, Any]
BELT: Final = ("on merge lane", "pack scanner", "weighed", "inducted", "tunnel")
"""Where a carton's ride to the lanes begins, in the world's words."""
AFTER_S: Final = 3.0
"""Seconds of the clock after a fault healed, within which it may still send a carton astray."""


@dataclass(frozen=True, slots=True)
class Sorting:
    """The sort plan of the site, and the devices whose trouble can send a carton to the hospital.

    prefix: of a carrier's tracking numbers.
    """

    lane_of: Mapping[str, str]
    hospital: str
    prefix: Mapping[str, str]
    sends_astray: frozenset[str]

    def lane(self, tracking: str) -> str | None:
        carriers = (carrier for carrier, start in self.prefix.items() if tracking.startswith(start))
        return next((self.lane_of[carrier] for carrier in carriers), None)


@dataclass(frozen=True, slots=True)
class Fault:
    """`begin` and `end` in seconds of the world's clock; `end` None: it has not healed."""

    what: str
    begin: float
    end: float | None

    def touches(self, begin: float, end: float) -> bool:
        return self.begin <= end and (self.end is None or begin <= self.end + AFTER_S)


class Cartons:
    def __init__(
        self,
        witness: Witness,
        sorting: Sorting,
        faults: Sequence[Fault],
        cancelled: frozenset[str],
    ) -> None:
        """`cancelled`: plates of cartons whose order the shop cancelled."""
        self._witness, self._sorting = witness, sorting
        self._faults = [fault for fault in faults if fault.what in sorting.sends_astray]
        self._cancelled = cancelled
        self._defects = {row["lpn"]: row["defect"] for row in witness["world"]["cartons"]}

    def counts(self) -> dict[str, Any]:
        """`hospital`: how many cartons were there, by cause."""
        causes = Counter(cause for _, cause in self._visits())
        return {
            "cartons_diverted": sum(map(len, self._witness["world"]["lanes"].values())),
            "wrong_lanes": len(list(self._wrong_lanes())),
            "unexplained_hospital": causes.pop("", 0),
            "hospital": dict(causes),
        }

    def reasons(self) -> Iterator[str]:
        for lpn, lane in self._wrong_lanes():
            yield f"carton {lpn} went to lane {lane}, its label says otherwise"
        yield from self._unnoticed()
        for visit, cause in self._visits():
            if not cause:
                label = visit.get("label", "unknown")
                yield f"carton {visit['lpn']} was in the hospital without a cause (label {label})"

    def _wrong_lanes(self) -> Iterator[tuple[str, str]]:
        labels = self._witness["carrier"]["labels"]
        for lane, lpns in self._witness["world"]["lanes"].items():
            for lpn in lpns if lane != self._sorting.hospital else ():
                right = {self._sorting.lane(tracking) for tracking in labels.get(lpn, ())}
                if lane not in right:
                    yield lpn, lane

    def _unnoticed(self) -> Iterator[str]:
        """What the seed spoiled must be found out."""
        there = {visit["lpn"] for visit in self._witness["world"]["hospital"]}
        for row in self._witness["world"]["cartons"]:
            if row["defect"] and row["out"] and row["lpn"] not in there:
                yield f"carton {row['lpn']} ({row['defect']}) left without a look at it"

    def _visits(self) -> Iterator[tuple[Witness, str]]:
        """Each carton's first visit of the hospital, with its cause or none."""
        seen: set[str] = set()
        for visit in self._witness["world"]["hospital"]:
            if visit["lpn"] not in seen:
                yield visit, self._cause(visit["lpn"], visit["at"])
            seen.add(visit["lpn"])

    def _cause(self, lpn: str, at: float) -> str:
        if self._defects.get(lpn) is not None:
            return "seed"
        if lpn in self._cancelled:
            return "cancelled"
        begin = self._began(lpn, at)
        return "fault" if any(fault.touches(begin, at) for fault in self._faults) else ""

    def _began(self, lpn: str, at: float) -> float:
        """When the ride began that ended in the hospital."""
        rows = self._witness["world"]["log"]
        mine = [row for row in rows if row.get("lpn") == lpn and row["saw"] in BELT]
        return min((row["at"] for row in mine if row["at"] <= at), default=at)
