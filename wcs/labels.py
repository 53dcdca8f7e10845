"""Tracking numbers and labels: one per carton, whatever is repeated."""

from wcs.observations import (
    DeviceUp,
    Due,
    LabelIssued,
    LabelPrinted,
    LabelRefused,
    PrinterChanged,
    ReprintAsked,
)
from wcs.ports import Tx


def on_label_issued(seen: LabelIssued, tx: Tx) -> None:
    raise NotImplementedError


def on_label_refused(seen: LabelRefused, tx: Tx) -> None:
    raise NotImplementedError


def on_label_printed(seen: LabelPrinted, tx: Tx) -> None:
    raise NotImplementedError


def on_printer_changed(seen: PrinterChanged, tx: Tx) -> None:
    raise NotImplementedError


def on_reprint_asked(seen: ReprintAsked, tx: Tx) -> None:
    raise NotImplementedError


def on_due(seen: Due, tx: Tx) -> None:
    raise NotImplementedError


def reassert(tx: Tx, up: DeviceUp) -> None:
    """What this device is wanted to show and does not (`up.has`) is asked for again."""
    return None
