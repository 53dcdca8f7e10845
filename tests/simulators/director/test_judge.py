"""The judge by value: a perfect run passes, and every single thing that is wrong is said."""

import re
from collections.abc import Callable

import pytest

from simulators.director.judge import Verdict, judge, unfinished
from simulators.director.judge_floor import Fault
from tests.simulators.director.runs import SORTING, Run


def verdict(run: Run, faults: tuple[Fault, ...] = (), ours: dict | None = None) -> Verdict:
    told = {**run.ours, **(ours or {})}
    return judge(run.story, SORTING, run.witness, told, faults)  # type: ignore[arg-type]


@pytest.fixture
def run() -> Run:
    return Run()


def says(found: Verdict, pattern: str) -> bool:
    return len(found.reasons) == 1 and re.search(pattern, found.reasons[0]) is not None


@pytest.mark.parametrize("seed", [1, 7, 42])
@pytest.mark.parametrize("orders", [3, 20, 100])
def test_a_run_as_the_seed_wants_it_passes(seed: int, orders: int) -> None:
    found = verdict(Run(seed, orders))
    assert found.reasons == []
    assert found.passed


def test_the_result_has_what_is_asked_of_it(run: Run) -> None:
    found = verdict(run).result
    shipped = sum("shipped" in one.ends[:1] for one in run.story.orders)
    assert found["orders_total"] == 20
    assert found["orders_shipped"] == shipped
    assert (found["orders_held"], found["orders_partial"]) == (3, 1)
    assert found["orders_cancelled"] == 3
    assert found["cartons_diverted"] == len(run.cartons)
    assert (found["wrong_lanes"], found["unexplained_hospital"]) == (0, 0)
    assert (found["messages_delivered"], found["duplicates_at_host"]) == (30, 0)
    assert (found["books_balance"], found["replay_identical"]) == (True, True)
    assert found["decision_ms"].keys() == {"p50", "p99", "max"}


# --- orders ---------------------------------------------------------------------------------------


def our_order(run: Run, number: str) -> dict:
    return next(row for row in run.orders if row["number"] == number)


def test_an_order_that_was_never_placed(run: Run) -> None:
    del run.shop["orders"][run.order("unpaid").number]
    run.orders.remove(our_order(run, run.order("unpaid").number))
    assert says(verdict(run), "was never placed")


def test_an_order_that_we_do_not_know(run: Run) -> None:
    run.orders.remove(our_order(run, run.order("unpaid").number))
    assert says(verdict(run), "has not ended: unknown to us")


def test_an_order_that_is_not_the_shops(run: Run) -> None:
    run.orders.append({"number": "666", "state": "held"})
    assert says(verdict(run), "666 is ours but not the shop's")


def test_an_order_on_its_way(run: Run) -> None:
    our_order(run, run.order("unpaid").number)["state"] = "picking"
    assert says(verdict(run), "has not ended: picking")


def test_a_shipment_that_the_shop_was_not_told_is_no_end(run: Run) -> None:
    run.shop["orders"][run.order("normal").number]["heard"].pop()
    assert says(verdict(run), "has not ended: shipped")


def test_an_order_that_the_seed_wanted_held(run: Run) -> None:
    number = run.order("normal").number
    our_order(run, number)["state"] = "held"
    assert f"order {number} (normal) ended held, not shipped" in verdict(run).reasons


def test_a_cancellation_that_was_answered_otherwise(run: Run) -> None:
    number = run.order("cancel_packed").number
    run.shop["orders"][number]["cancellation"] = {"result": "refused"}
    assert says(verdict(run), "ended cancelled, the shop was told refused")


def test_a_cancellation_that_was_never_answered(run: Run) -> None:
    run.shop["orders"][run.order("cancel_early").number]["cancellation"] = None
    assert says(verdict(run), "never heard about its cancellation")


def test_a_cancellation_may_come_too_late(run: Run) -> None:
    late = run.order("cancel_shipped").number
    assert run.shop["orders"][late]["cancellation"] == {"result": "refused"}
    assert verdict(run).passed


def test_a_visitors_order_may_end_in_any_way_but_ends(run: Run) -> None:
    run.shop["orders"]["9001"] = {"status": "open", "heard": [], "cancellation": None}
    run.orders.append({"number": "9001", "state": "held"})
    assert verdict(run).passed
    run.orders[-1]["state"] = "waiting"
    assert says(verdict(run), "9001 has not ended: waiting")


def change_line(run: Run, by: int, *, erp: bool, world: bool) -> None:
    number = run.order("normal").number
    heard = run.shop["orders"][number]["heard"][-1]
    line = heard["lines"][0]
    changed = [{**line, "qty": line["qty"] + by}, *heard["lines"][1:]]
    heard["lines"] = changed
    if erp:
        run.erp["shipments"][f"shop:{number}"][0]["lines"] = changed
    if world:
        run.carton(number)["contents"][line["sku"]] += by


def test_pieces_that_are_lacking(run: Run) -> None:
    change_line(run, -1, erp=True, world=True)
    assert any("expected" in reason for reason in verdict(run).reasons)


def test_another_piece_than_the_missing_one_is_lacking(run: Run) -> None:
    number = run.order("short_partial").number
    lines = run.shop["orders"][number]["heard"][-1]["lines"]
    lines[0]["qty"], lines[-1]["qty"] = lines[0]["qty"] - 1, lines[-1]["qty"] + 1
    run.carton(number)["contents"] = {line["sku"]: line["qty"] for line in lines}
    found = [reason for reason in verdict(run).reasons if number in reason]
    assert len(found) == 1
    assert "expected" in found[0]


def test_an_erp_that_heard_something_else(run: Run) -> None:
    number = run.order("normal").number
    run.erp["shipments"][f"shop:{number}"] = []
    assert says(verdict(run), "the ERP {}")


def test_a_carton_that_holds_something_else(run: Run) -> None:
    carton = run.carton(run.order("normal").number)
    carton["contents"] = {**carton["contents"], "SKU-010": 99}
    assert any("the cartons held" in reason for reason in verdict(run).reasons)


def test_a_carton_that_never_left(run: Run) -> None:
    run.carton(run.order("normal").number)["out"] = False
    assert any("never left the house" in reason for reason in verdict(run).reasons)


def test_a_carton_with_another_label(run: Run) -> None:
    carton = run.carton(run.order("normal").number)
    carton["label"] = ["SW9999999999"]
    assert says(verdict(run), "does not carry")


def test_a_tracking_number_that_the_carrier_does_not_know(run: Run) -> None:
    run.carrier["labels"][run.carton(run.order("normal").number)["lpn"]].append("PO1")
    run.carrier["labels"][run.carton(run.order("normal").number)["lpn"]].pop(0)
    assert any("the carrier knows no" in reason for reason in verdict(run).reasons)


# --- floor ----------------------------------------------------------------------------------------


def test_a_carton_in_the_lane_of_another_carrier(run: Run) -> None:
    lanes = run.world["lanes"]
    lanes["2"].append(lanes["1"].pop())
    found = verdict(run)
    assert says(found, "went to lane 2")
    assert found.result["wrong_lanes"] == 1


def test_the_hospital_lane_is_never_wrong(run: Run) -> None:
    run.world["lanes"]["3"].append(run.world["lanes"]["1"][0])
    assert verdict(run).passed


def visit(run: Run, at: float = 50.0, number: str = "") -> str:
    lpn: str = run.carton(number or run.order("normal").number)["lpn"]
    run.world["hospital"].append({"lpn": lpn, "at": at, "label": "ok"})
    return lpn


def test_a_hospital_visit_without_a_cause(run: Run) -> None:
    lpn = visit(run)
    found = verdict(run)
    assert says(found, f"{lpn} was in the hospital without a cause")
    assert found.result["unexplained_hospital"] == 1


def test_a_carton_counts_once_however_often_it_was_there(run: Run) -> None:
    visit(run)
    visit(run, 60.0)
    assert verdict(run).result["unexplained_hospital"] == 1


def test_a_defect_of_the_seed_explains_a_visit(run: Run) -> None:
    visit(run)
    run.carton(run.order("normal").number)["defect"] = "unreadable"
    found = verdict(run)
    assert found.passed
    assert found.result["hospital"] == {"seed": 1}


def test_a_defect_of_the_seed_must_be_found_out(run: Run) -> None:
    run.carton(run.order("normal").number)["defect"] = "overweight"
    assert says(verdict(run), "overweight.* left without a look")


def test_a_cancellation_explains_a_visit(run: Run) -> None:
    visit(run, number=run.order("cancel_shipped").number)
    assert verdict(run).passed


@pytest.mark.parametrize(
    ("fault", "explains"),
    [
        (Fault("gateway", 41.0, 42.0), True),
        (Fault("gateway", 30.0, 38.0), True),  # healed just before it rode
        (Fault("gateway", 30.0, 36.0), False),
        (Fault("gateway", 51.0, 52.0), False),
        (Fault("gateway", 30.0, None), True),
        (Fault("hand1", 41.0, 42.0), False),  # sends no carton astray
    ],
)
def test_a_fault_explains_a_visit_of_whoever_rode_meanwhile(
    run: Run, fault: Fault, explains: bool
) -> None:
    lpn = visit(run, 50.0)
    run.world["log"].append({"lpn": lpn, "saw": "on merge lane", "at": 40.0})
    assert verdict(run, (fault,)).passed is explains


# --- stock ----------------------------------------------------------------------------------------


def item(run: Run) -> dict:
    return run.items[0]


def spoil_shelf(run: Run) -> None:
    run.world["shelf"][0]["qty"] -= 1


def spoil_account(run: Run) -> None:
    item(run)["balances"] = False


def spoil_shop(run: Run) -> None:
    run.shop["stock"][item(run)["sku"]] += 1


def spoil_erp(run: Run) -> None:
    run.erp["stock"][f"ACME|{item(run)['sku']}"] += 1


def spoil_silence(run: Run) -> None:
    del run.shop["stock"][item(run)["sku"]]


def spoil_erp_silence(run: Run) -> None:
    del run.erp["stock"][f"ACME|{item(run)['sku']}"]


def spoil_shipped(run: Run) -> None:
    item(run)["shipped"] += 1


def spoil_carton(run: Run) -> None:
    item(run)["accounts"]["carton:L99999999"] = 2


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (spoil_shelf, "the world began with|too many"),
        (spoil_account, "do not add up"),
        (spoil_shop, "the shop offers"),
        (spoil_erp, "the ERP has"),
        (spoil_silence, "the shop never heard a level"),
        (spoil_erp_silence, "the ERP never heard a level"),
        (spoil_shipped, "really left"),
        (spoil_carton, "in L99999999"),
    ],
)
def test_books_that_differ(run: Run, spoil: Callable[[Run], None], said: str) -> None:
    spoil(run)
    found = verdict(run)
    assert found.reasons
    assert all(re.search(said, reason) for reason in found.reasons)
    assert found.result["books_balance"] is False


def taken_by_the_seed(run: Run) -> tuple[str, str]:
    """A piece that the stock file claims and that never lay there."""
    row, one = run.world["shelf"][0], item(run)
    row["qty"] -= 1
    run.world["initial"][row["sku"]] -= 1
    assert one["sku"] == row["sku"]
    return row["location"], row["sku"]


def test_a_piece_that_the_seed_took_is_a_named_difference(run: Run) -> None:
    location, sku = taken_by_the_seed(run)
    run.world["missing"] = [{"location": location, "sku": sku, "qty": 1}]
    found = verdict(run)
    assert found.passed
    assert found.named == [
        f"{sku} at {location}: {on_shelf(run)} in the ledger, 1 too many: "
        "the seed took it and nobody has missed it"
    ]


def on_shelf(run: Run) -> int:
    pieces: int = item(run)["accounts"]["shelf:A-01-1"]
    return pieces


def test_a_shelf_in_count_may_differ(run: Run) -> None:
    location, sku = taken_by_the_seed(run)
    ours = run.ours
    ours["books"]["counts"] = [{"location": location, "sku": sku}]
    found = judge(run.story, SORTING, run.witness, ours)
    assert found.passed
    assert "a count is open" in found.named[0]


def test_what_is_allocated_or_in_count_is_not_offered(run: Run) -> None:
    one = item(run)
    one["allocated"], one["in_count"] = 2, 3
    run.shop["stock"][one["sku"]] = one["on_hand"] - 5
    assert verdict(run).passed


# --- loose ends -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ours", "said"),
    [
        ({"waiting": 2}, "2 messages have not arrived"),
        ({"parked": 1}, "1 messages were given up"),
        ({"replay_identical": False}, "the replay differs"),
    ],
)
def test_loose_ends_of_ours(run: Run, ours: dict[str, object], said: str) -> None:
    assert says(verdict(run, ours=ours), said)


@pytest.mark.parametrize(("host", "list_"), [("shop", "duplicates"), ("shop", "backwards")])
def test_what_a_host_holds_against_us(run: Run, host: str, list_: str) -> None:
    run.witness[host][list_].append("order 1001 was told picking again")
    found = verdict(run)
    assert says(found, "picking again")
    assert found.result["duplicates_at_host"] == 1


# --- is it over? ----------------------------------------------------------------------------------


def test_a_perfect_run_is_over(run: Run) -> None:
    assert unfinished(run.story, run.witness, run.ours) == []


def test_a_run_is_not_over_while_anything_moves(run: Run) -> None:
    number = run.order("normal").number
    run.carton(number)["out"] = False
    our_order(run, run.order("unpaid").number)["state"] = "picking"
    run.shop["orders"][run.order("cancel_early").number]["cancellation"] = None
    run.shop["undelivered"] = 1
    found = unfinished(run.story, run.witness, {**run.ours, "waiting": 2})
    assert len(found) == 5


def test_a_run_has_not_begun_to_be_over(run: Run) -> None:
    run.shop["orders"].clear()
    run.orders.clear()
    assert len(unfinished(run.story, run.witness, run.ours)) == len(run.story.orders)
