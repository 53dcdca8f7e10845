"""The look at everything before a shift: the last one is kept, each is journaled."""

from wcs.equipment import Shift
from wcs.events import ShiftChecked
from wcs.observations import ReadyChecked
from wcs.ports import Tx


def on_ready_checked(seen: ReadyChecked, tx: Tx) -> None:
    tx.save(Shift(lines=seen.lines, by=seen.by, at=seen.at))
    states = [line.state for line in seen.lines]
    bad = [line for line in seen.lines if line.state == "bad"]
    tx.emit(
        ShiftChecked(
            good=states.count("good"),
            bad=len(bad),
            skipped=states.count("skipped"),
            why="; ".join(f"{line.device or line.check}: {line.found}" for line in bad),
            by=seen.by,
            at=seen.at,
        )
    )
