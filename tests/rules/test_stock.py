"""The ledger: from somewhere to somewhere, never below nothing, and it sums to zero."""

from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from sync.memory import MemoryTx
from tests.rules.site import ACME, T0, only, site
from wcs import stock
from wcs.events import StockLevel, StockMoved
from wcs.model import Balance, Item, StockTotal
from wcs.names import Account, LocationCode, Lpn, Sku

MUG = Sku("MUG")
SHELVES = [LocationCode("A-01-1"), LocationCode("A-01-2")]
ACCOUNTS = [
    *map(stock.shelf, SHELVES),
    stock.carton(Lpn("L00000001")),
    stock.putback(Lpn("L00000001")),
    stock.COUNT,
    stock.SHIPPED,
    stock.LOST,
]


@pytest.fixture
def tx() -> MemoryTx:
    tx = MemoryTx()
    tx.save(site())
    stock.open_shelf(tx, ACME, MUG, SHELVES[0], 10, "anna", T0)
    return tx


def move(tx: MemoryTx, qty: int, source: Account, target: Account) -> None:
    stock.move(tx, owner=ACME, sku=MUG, qty=qty, source=source, target=target, why="test", at=T0)


def test_a_movement_has_two_sides(tx: MemoryTx) -> None:
    move(tx, 4, ACCOUNTS[0], ACCOUNTS[2])

    assert stock.balance(tx, ACCOUNTS[0], ACME, MUG).qty == 6
    assert [(row.sku, row.qty) for row in stock.contents(tx, ACCOUNTS[2])] == [("MUG", 4)]
    assert [(m.source, m.target, m.qty) for m in only(tx.events, StockMoved)] == [
        ("opening", "shelf:A-01-1", 10),
        ("shelf:A-01-1", "carton:L00000001", 4),
    ]
    assert stock.total(tx, ACME, MUG).on_hand == 6


@pytest.mark.parametrize(
    ("qty", "source"), [(11, ACCOUNTS[0]), (1, ACCOUNTS[1]), (1, ACCOUNTS[2]), (1, ACCOUNTS[3])]
)
def test_what_is_not_there_cannot_be_moved(tx: MemoryTx, qty: int, source: Account) -> None:
    with pytest.raises(stock.Overdrawn, match="would hold -1 of MUG"):
        move(tx, qty, source, stock.SHIPPED)


def test_a_negative_movement_is_none(tx: MemoryTx) -> None:
    with pytest.raises(ValueError, match="-1 pieces"):
        move(tx, -1, ACCOUNTS[0], stock.SHIPPED)


def test_what_is_promised_cannot_be_moved_or_promised_again(tx: MemoryTx) -> None:
    stock.promise(tx, ACME, MUG, SHELVES[0], 7)

    with pytest.raises(stock.Overdrawn, match="would hold 6 of MUG, 7 promised"):
        move(tx, 4, ACCOUNTS[0], stock.SHIPPED)
    with pytest.raises(stock.Overdrawn):
        stock.promise(tx, ACME, MUG, SHELVES[0], 4)
    assert stock.free(tx, ACME, MUG) == {"A-01-1": 3}


def test_an_emptied_account_leaves_no_row(tx: MemoryTx) -> None:
    move(tx, 4, ACCOUNTS[0], ACCOUNTS[2])
    stock.move_all(tx, ACCOUNTS[2], stock.SHIPPED, why="shipped", at=T0)

    assert tx.get(Balance, f"{ACCOUNTS[2]}|ACME|MUG") is None
    assert stock.contents(tx, stock.SHIPPED)[0].qty == 4


def test_a_level_is_told_once_and_only_when_it_changed(tx: MemoryTx) -> None:
    stock.tell_levels(tx, ACME, [MUG, MUG], T0)
    stock.promise(tx, ACME, MUG, SHELVES[0], 2)
    stock.promise(tx, ACME, MUG, SHELVES[0], 1)
    stock.tell_levels(tx, ACME, [MUG], T0)
    stock.tell_levels(tx, ACME, [MUG], T0)

    assert [(e.on_hand, e.available) for e in only(tx.events, StockLevel)] == [(10, 10), (10, 7)]


def test_a_shelf_in_count_sells_nothing_and_keeps_its_promises(tx: MemoryTx) -> None:
    stock.promise(tx, ACME, MUG, SHELVES[0], 4)
    stock.put_in_count(tx, ACME, MUG, SHELVES[0], True)
    stock.tell_levels(tx, ACME, [MUG], T0)

    assert stock.free(tx, ACME, MUG) == {}
    assert stock.total(tx, ACME, MUG).in_count == 6
    assert only(tx.events, StockLevel)[-1].available == 0
    stock.promise(tx, ACME, MUG, SHELVES[0], -4)
    assert stock.total(tx, ACME, MUG).in_count == 10


def test_goods_weigh_what_their_items_weigh(tx: MemoryTx) -> None:
    item = Item(owner=ACME, sku=MUG, name="Mug", barcodes=(), weight_g=320, case_size=1)
    tx.save(item)
    move(tx, 3, ACCOUNTS[0], ACCOUNTS[2])

    assert stock.weight_g(tx, ACCOUNTS[2]) == 960


class Ledger(RuleBasedStateMachine):
    """Any movements and promises, possible or not: what is refused changes nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.tx = MemoryTx()
        self.tx.save(site())
        for location in SHELVES:
            stock.open_shelf(self.tx, ACME, MUG, location, 9, "anna", T0)

    @rule(source=st.sampled_from(ACCOUNTS), goal=st.sampled_from(ACCOUNTS), qty=st.integers(0, 12))
    def moves(self, source: Account, goal: Account, qty: int) -> None:
        try:
            move(self.tx, qty, source, goal)
        except stock.Overdrawn:
            assert stock.balance(self.tx, source, ACME, MUG).qty - qty < self._promised(source)

    @rule(location=st.sampled_from(SHELVES), qty=st.integers(-5, 5))
    def promises(self, location: LocationCode, qty: int) -> None:
        row = stock.balance(self.tx, stock.shelf(location), ACME, MUG)
        try:
            stock.promise(self.tx, ACME, MUG, location, qty)
        except stock.Overdrawn:
            assert not 0 <= row.allocated + qty <= row.qty

    @rule(location=st.sampled_from(SHELVES), in_count=st.booleans())
    def counts(self, location: LocationCode, in_count: bool) -> None:
        stock.put_in_count(self.tx, ACME, MUG, location, in_count)

    @invariant()
    def sums_to_zero(self) -> None:
        assert sum(row.qty for row in self.rows()) == 0

    @invariant()
    def never_below_nothing_nor_below_what_is_promised(self) -> None:
        for row in self.rows():
            if row.account.startswith(stock.PHYSICAL):
                assert 0 <= row.allocated <= row.qty

    @invariant()
    def the_total_is_the_sum_of_the_shelves(self) -> None:
        shelves = [row for row in self.rows() if row.account.startswith("shelf:")]
        total = self.tx.get(StockTotal, "ACME|MUG")
        assert total is not None
        assert total.on_hand == sum(row.qty for row in shelves)
        assert total.allocated == sum(row.allocated for row in shelves)
        assert total.in_count == sum(r.qty - r.allocated for r in shelves if r.in_count)
        assert list(total.shelves) == sorted(r.account[6:] for r in shelves if r.qty)
        assert sum(stock.free(self.tx, ACME, MUG).values()) == (
            total.on_hand - total.allocated - total.in_count
        )

    def rows(self) -> list[Balance]:
        return list(self.tx.find(Balance, stock="ACME|MUG"))

    def _promised(self, account: Account) -> int:
        return stock.balance(self.tx, account, ACME, MUG).allocated


TestLedger: Any = Ledger.TestCase
TestLedger.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
