"""Events as sentences for an operator. Fields of the event stand in braces."""

from collections import defaultdict
from typing import Any, Final

SENTENCES: Final[dict[str, str]] = {
    "OrderAccepted": "order {order} accepted from {channel}",
    "OrderHeld": "order held: {why}",
    "OrderAllocated": "stock promised: {why}",
    "OrderReleased": "released to {station}: {why}",
    "OrderChanged": "change to version {version}: {why}",
    "OrderCancelled": "order cancelled: {why}",
    "CancelRefused": "cancellation refused: {why}",
    "OrderProgressed": "the shop hears: {status}",
    "TourAsked": "the planner is asked for a path",
    "BatchAsked": "the planner is asked which orders share a walk at {station}",
    "BatchFormed": "picked on one walk with others at {station}: {why}",
    "StockMoved": "{qty} of {sku} from {source} to {target}: {why}",
    "StockLevel": "level of {sku}: {on_hand} on hand, {available} available",
    "CountAsked": "count of {sku} at {location} asked: {why}",
    "CountBooked": "{sku} at {location} counted: {counted}, {expected} in the books: {why}",
    "CartonBound": "plate {lpn} bound to {order} at {station}",
    "LinePicked": "{qty} of {sku} picked at {location}",
    "ShortPicked": "short at {location}: {picked} of {wanted} {sku}: {why}",
    "WrongPress": "press of {light} refused: {why}",
    "CartonPicked": "everything picked; {expected_g} g expected",
    "TripSent": "trip {trip} of {device} with {lpns}: {why}",
    "TripEnded": "trip {trip} of {device} ended: {why}",
    "CartonMoved": "seen at {place}: {why}",
    "CartonWeighed": "{measured_g} g weighed, {expected_g} g expected: {why}",
    "LabelRequested": "label asked from {carrier} ({service})",
    "LabelReceived": "{carrier} gave tracking number {tracking}",
    "LabelDoubled": "a second tracking number {tracking} is not used; {kept} stays",
    "LabelReprinted": "label {tracking} printed again",
    "LabelHeld": "label held: {why}",
    "LabelSettled": "label no longer held: {why}",
    "LabelStuck": "the label does not come: {why}",
    "CartonRouted": "sent to lane {lane}: {why}",
    "DivertRefused": "divert refused: {why}",
    "CartonRecirculated": "round again, loop {loops}: {why}",
    "CartonSorted": "in lane {lane}, load {load}",
    "CartonToHospital": "to the hospital lane: {why} → {remedy}",
    "UnknownInHospital": "something unknown in the hospital lane: {why}",
    "HospitalEnded": "left the hospital lane: {remedy}",
    "CartonPutBack": "{qty} of {sku} put back at {location}",
    "CartonOverdue": "overdue: last seen at {place}, expected at {next}",
    "CartonDeclaredLost": "declared lost",
    "LoadOpened": "load {load} opened on lane {lane} for {carrier}",
    "LoadClosed": "load {load} closed with {cartons} cartons",
    "OrderShipped": "shipped with load {load}",
    "LampFailing": "light {light} of {device} {why}",
    "LampWell": "light {light} of {device} {why}",
    "DeviceChanged": "{device}: {why}",
    "DeviceModeChanged": "{device}: {mode}, was {before}, set by {by}",
    "DeviceBound": "{device}: replaced by {by}: {found}",
    "DeviceSimulationChanged": "{device}: {why}, by {by}",
    "ShiftChecked": "ready check by {by}: {good} good, {bad} bad, {skipped} skipped: {why}",
    "ErrandAsked": "{station} is asked: {text}",
    "ErrandEnded": "errand {key} done",
    "SiteAdopted": "site {name} adopted",
}


def sentence(kind: str, body: dict[str, Any]) -> str:
    """The kind's own name for an event that has no sentence yet."""
    values = {name: _plain(value) for name, value in body.items()}
    said = SENTENCES.get(kind, kind).format_map(defaultdict(lambda: "–", values))
    return said.removesuffix(": ").removesuffix(":").strip()


def _plain(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
