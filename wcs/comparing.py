"""A sorter that is only observed: our choice for a carton beside that of the old system."""

from typing import Final

from wcs.equipment import Compared, Comparison
from wcs.model import Track
from wcs.observations import DivertConfirmed
from wcs.ports import Tx
from wcs.setups import mode_of

KEPT: Final = 200


def confirmed(tx: Tx, seen: DivertConfirmed, track: Track | None) -> None:
    """Nothing happens in any other mode. `track` as it was before the confirmation."""
    if mode_of(tx, seen.sorter) != "observe":
        return
    number = (tx.get(Compared, seen.sorter) or Compared(sorter=seen.sorter, cartons=0)).cartons
    chosen = track is not None and track.state == "routed"
    tx.save(Compared(sorter=seen.sorter, cartons=number + 1))
    tx.save(
        Comparison(
            sorter=seen.sorter,
            number=number,
            place=number % KEPT,
            track=seen.track,
            lpn=track.lpn if track else None,
            chosen=track.lane if track and chosen else None,
            why=track.why if track else "never read",
            went=seen.lane,
            result=seen.result,
            at=seen.at,
        )
    )
