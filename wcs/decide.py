"""Which rule answers which observation: the one match, a forgotten observation is a type error."""

from collections.abc import Callable
from functools import partial
from typing import Final, assert_never

from wcs import (
    adopting,
    batches,
    cancelling,
    counting,
    devices,
    doors,
    doubts,
    handover,
    hospital,
    items,
    labels,
    lamps,
    lights,
    merging,
    missions,
    orders,
    overdue,
    packing,
    passages,
    picking,
    putback,
    rebinding,
    release,
    scanning,
    setups,
    shifts,
    shipping,
    sortation,
)
from wcs import observations as seen
from wcs.ports import Rule, Tx

DUE: Final[dict[str, Callable[[seen.Due, Tx], None]]] = {
    "lamp": lights.on_due,  # lamp:DEVICE|LIGHT
    "tour": release.on_due,  # tour:ORDER
    "batch": batches.on_due,  # batch:BATCH
    "dispatch": missions.on_dispatch_due,  # dispatch:VEHICLE
    "trip": missions.on_trip_due,  # trip:TRIP
    "merge": merging.on_due,  # merge:DEVICE|LANE
    "door": doors.on_due,  # door:DEVICE
    "label": labels.on_due,  # label:LPN
    "track": sortation.on_due,  # track:SORTER|TRACK
    "load": shipping.on_due,  # load:LOAD
    "overdue": overdue.on_due,  # overdue:LPN
}


def rule(observation: seen.Observation) -> Rule:
    """The rule for it, a `functools.partial` whose `func` names it for the journal."""
    match observation:
        case seen.DeviceUp():
            return partial(devices.on_up, observation)
        case seen.DeviceDown():
            return partial(devices.on_down, observation)
        case seen.CommandFailed():
            return partial(devices.on_command_failed, observation)
        case seen.Scanned():
            return partial(scanning.on_scanned, observation)
        case seen.Weighed():
            return partial(packing.on_weighed, observation)
        case seen.WeighingFailed():
            return partial(packing.on_weighing_failed, observation)
        case seen.ScaleChanged():
            return partial(packing.on_scale_changed, observation)
        case seen.LabelPrinted():
            return partial(labels.on_label_printed, observation)
        case seen.LabelInDoubt():
            return partial(doubts.on_label_in_doubt, observation)
        case seen.PrinterChanged():
            return partial(labels.on_printer_changed, observation)
        case seen.Inducted():
            return partial(sortation.on_inducted, observation)
        case seen.DivertAnswered():
            return partial(sortation.on_divert_answered, observation)
        case seen.DivertConfirmed():
            return partial(sortation.on_divert_confirmed, observation)
        case seen.LaneChanged():
            return partial(sortation.on_lane_changed, observation)
        case seen.MergeChanged():
            return partial(merging.on_merge_changed, observation)
        case seen.DoorChanged():
            return partial(passages.on_door_changed, observation)
        case seen.LightPressed():
            return partial(picking.on_light_pressed, observation)
        case seen.LampAnswered():
            return partial(lights.on_lamp_answered, observation)
        case seen.LampFailed():
            return partial(lamps.on_lamp_failed, observation)
        case seen.TripProgressed():
            return partial(missions.on_trip_progressed, observation)
        case seen.VehicleChanged():
            return partial(missions.on_vehicle_changed, observation)
        case seen.PickReported():
            return partial(picking.on_pick_reported, observation)
        case seen.HospitalSolved():
            return partial(hospital.on_hospital_solved, observation)
        case seen.ReprintAsked():
            return partial(labels.on_reprint_asked, observation)
        case seen.LabelJudged():
            return partial(doubts.on_label_judged, observation)
        case seen.Rebound():
            return partial(rebinding.on_rebound, observation)
        case seen.PutBack():
            return partial(putback.on_put_back, observation)
        case seen.Counted():
            return partial(counting.on_counted, observation)
        case seen.CartonPulled():
            return partial(overdue.on_carton_pulled, observation)
        case seen.CartonFound():
            return partial(overdue.on_carton_found, observation)
        case seen.CartonLost():
            return partial(overdue.on_carton_lost, observation)
        case seen.ShortAnswered():
            return partial(handover.on_short_answered, observation)
        case seen.DoorAsked():
            return partial(passages.on_door_asked, observation)
        case seen.LoadCloseAsked():
            return partial(shipping.on_load_close_asked, observation)
        case seen.DeviceModeSet():
            return partial(setups.on_mode_set, observation)
        case seen.DeviceReplaced():
            return partial(setups.on_replaced, observation)
        case seen.DeviceSimulated():
            return partial(setups.on_simulated, observation)
        case seen.TagWritten():
            return partial(setups.on_tag_written, observation)
        case seen.WriteRefused() | seen.ConditionAcknowledged() | seen.MethodCalled():
            return partial(setups.on_kept, observation)
        case seen.ReadyChecked():
            return partial(shifts.on_ready_checked, observation)
        case seen.Due():
            return partial(on_due, observation)
        case seen.OrderPlaced():
            return partial(orders.on_order_placed, observation)
        case seen.OrderCancelAsked():
            return partial(cancelling.on_order_cancel_asked, observation)
        case seen.LabelIssued():
            return partial(labels.on_label_issued, observation)
        case seen.LabelRefused():
            return partial(labels.on_label_refused, observation)
        case seen.ItemDefined():
            return partial(items.on_item_defined, observation)
        case seen.StockOpened():
            return partial(items.on_stock_opened, observation)
        case seen.SiteChanged():
            return partial(adopting.on_site_changed, observation)
        case seen.TourPlanned():
            return partial(release.on_tour_planned, observation)
        case seen.BatchPlanned():
            return partial(batches.on_batch_planned, observation)
        case _:
            assert_never(observation)


def on_due(fired: seen.Due, tx: Tx) -> None:
    """Raises KeyError for a timer that no process sets."""
    DUE[fired.key.partition(":")[0]](fired, tx)
