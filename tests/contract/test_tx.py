"""The contract of `wcs.ports.Tx`: what a rule may count on, whatever lies beneath."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.contract.adapters import ADAPTERS, Adapter, memory, sqlite
from tests.core.toys import LIGHTS, SORTER, START, carton
from wcs.commands import Divert, LightWanted
from wcs.events import CartonMoved
from wcs.model import Balance, Carton, Errand, Item
from wcs.names import Account, LaneId, LightId, Owner, Sku, StationId, TaskId
from wcs.ports import Tx


@pytest.fixture(params=ADAPTERS)
def adapter(request: pytest.FixtureRequest) -> Iterator[Adapter]:
    with ADAPTERS[request.param]() as made:
        yield made


def put(*lpns: str, place: str = "here") -> Callable[[Tx], None]:
    def rule(tx: Tx) -> None:
        for lpn in lpns:
            tx.save(carton(lpn, START, place=place))

    return rule


def keys_of(adapter: Adapter, **equal: object) -> list[str]:
    found: list[str] = []
    adapter.decide(lambda tx: found.extend(thing.key for thing in tx.find(Carton, **equal)))
    return found


def test_what_is_saved_is_got_by_this_and_later_observations(adapter: Adapter) -> None:
    saved = carton("L1", START, place="here")
    got: list[Carton | None] = []

    def rule(tx: Tx) -> None:
        got.append(tx.get(Carton, "L1"))
        tx.save(saved)
        got.append(tx.get(Carton, "L1"))

    adapter.decide(rule)
    adapter.decide(lambda tx: got.append(tx.get(Carton, "L1")))
    assert got == [None, saved, saved]


def test_save_replaces_the_whole_row(adapter: Adapter) -> None:
    adapter.decide(put("L1", place="A"))
    adapter.decide(put("L1", place="B"))
    got: list[Carton | None] = []
    adapter.decide(lambda tx: got.append(tx.get(Carton, "L1")))
    assert got == [carton("L1", START, place="B")]


def test_kinds_do_not_share_keys(adapter: Adapter) -> None:
    adapter.decide(put("L1"))
    got: list[object] = []
    adapter.decide(lambda tx: got.append(tx.get(Item, "L1")))
    assert got == [None]


def test_remove_takes_away_and_may_find_nothing(adapter: Adapter) -> None:
    adapter.decide(put("L1", "L2"))

    def rule(tx: Tx) -> None:
        tx.remove(Carton, "L1")
        tx.remove(Carton, "L1")
        tx.remove(Carton, "never")
        assert tx.get(Carton, "L1") is None

    adapter.decide(rule)
    assert keys_of(adapter) == ["L2"]


def test_find_gives_rows_in_key_order(adapter: Adapter) -> None:
    lpns = ["L10", "L9", "", "l1", "Ä", "L1", "L1 ", "\U0001f4e6", "ﬀ"]
    adapter.decide(put(*lpns))
    assert keys_of(adapter) == sorted(lpns)


@pytest.mark.parametrize("many", [3, 4, 5, 20, 21, 400])
def test_find_gives_every_row_once(adapter: Adapter, many: int) -> None:
    lpns = [f"L{number:04}" for number in range(many)]
    adapter.decide(put(*lpns))
    assert keys_of(adapter) == lpns


def test_find_by_fields_of_the_index(adapter: Adapter) -> None:
    def balance(account: str, sku: str) -> Balance:
        return Balance(account=Account(account), owner=Owner("ACME"), sku=Sku(sku), qty=1)

    def rule(tx: Tx) -> None:
        for account in ("shelf:A", "shelf:B"):
            for sku in ("S1", "S2"):
                tx.save(balance(account, sku))

    found: list[list[str]] = []

    def ask(tx: Tx) -> None:
        found.append([thing.key for thing in tx.find(Balance, stock="ACME|S1")])
        found.append([thing.key for thing in tx.find(Balance, stock="ACME|S1", account="shelf:B")])
        found.append([thing.key for thing in tx.find(Balance, account="nowhere")])

    adapter.decide(rule)
    adapter.decide(ask)
    assert found == [["shelf:A|ACME|S1", "shelf:B|ACME|S1"], ["shelf:B|ACME|S1"], []]


def test_find_for_nothing_finds_what_has_nothing(adapter: Adapter) -> None:
    adapter.decide(put("L1", "L2"))
    assert keys_of(adapter, load=None) == ["L1", "L2"]
    assert keys_of(adapter, load="load-1") == []


def test_find_outside_the_index_is_a_mistake(adapter: Adapter) -> None:
    with pytest.raises(LookupError, match="Carton is not indexed by place"):
        keys_of(adapter, place="A")
    with pytest.raises(LookupError, match="Errand is not indexed by text"):
        adapter.decide(lambda tx: print(next(tx.find(Errand, station="S", text="x"))))


def test_find_sees_rows_as_they_are_when_it_reaches_them(adapter: Adapter) -> None:
    """Rows removed ahead are not given, rows saved ahead are, a change of the index counts."""
    lpns = [f"L{number:02}" for number in range(10)]
    adapter.decide(put(*lpns))
    seen: list[tuple[str, str]] = []

    def rule(tx: Tx) -> None:
        for found in tx.find(Carton, state="moving"):
            seen.append((found.key, found.place))
            if found.key == "L01":
                tx.remove(Carton, "L02")
                tx.remove(Carton, "L01")
                tx.save(carton("L03", START, place="new"))
                tx.save(carton("L03+", START, place="added"))
                tx.save(carton("L00", START, place="behind"))

    adapter.decide(rule)
    kept = [(lpn, "here") for lpn in lpns[4:]]
    assert seen == [("L00", "here"), ("L01", "here"), ("L03", "new"), ("L03+", "added"), *kept]


def test_two_finds_may_run_at_once(adapter: Adapter) -> None:
    adapter.decide(put("L1", "L2", "L3"))
    pairs: list[tuple[str, str]] = []

    def rule(tx: Tx) -> None:
        for one in tx.find(Carton):
            for other in tx.find(Carton):
                pairs.append((one.key, other.key))

    adapter.decide(rule)
    assert len(pairs) == len(set(pairs)) == 9


def test_identities_count_through_commands_and_events(adapter: Adapter) -> None:
    made: list[str] = []

    def rule(tx: Tx) -> None:
        made.append(tx.id())
        moved = carton("L1", START, place="here")
        divert = Divert(device=SORTER, track=1, lane=LaneId("2"), lpn=None, before=START)
        tx.emit(CartonMoved(lpn=moved.lpn, order=moved.order, place="A", why="", at=START))
        made.append(tx.command(divert))
        made.append(str(tx.seq))

    first, second = adapter.decide(rule), adapter.decide(rule)
    assert made == ["1-1", "1-3", "1", "2-1", "2-3", "2"]
    assert [id_ for id_, _ in first.events] == ["1-2"]
    assert [id_ for id_, _ in first.commands] == ["1-3"]
    assert [id_ for id_, _ in second.events] == ["2-2"]


def test_a_wanted_state_is_a_row_until_it_is_removed(adapter: Adapter) -> None:
    wanted = LightWanted(
        device=LIGHTS, light=LightId("A-01"), task=TaskId("1-1"), colour="green", qty=2
    )
    adapter.decide(lambda tx: tx.want(wanted))
    found: list[LightWanted] = []
    adapter.decide(lambda tx: found.extend(tx.find(LightWanted, device=LIGHTS)))
    adapter.decide(lambda tx: tx.remove(LightWanted, wanted.key))
    adapter.decide(lambda tx: found.extend(tx.find(LightWanted)))
    assert found == [wanted]


def test_a_later_wake_replaces_an_earlier_one_and_none_ends_it(adapter: Adapter) -> None:
    later = START + timedelta(seconds=5)

    def rule(tx: Tx) -> None:
        tx.wake("a", START)
        tx.wake("a", later)
        tx.wake("b", START)
        tx.wake("b", None)
        tx.wake("never", None)

    adapter.decide(rule)
    assert adapter.timers() == {"a": later}


def test_a_time_without_a_zone_is_a_mistake(adapter: Adapter) -> None:
    with pytest.raises(ValueError, match="has no time zone"):
        adapter.decide(lambda tx: tx.wake("a", START.replace(tzinfo=None)))


def test_a_field_of_the_index_may_be_called_kind(adapter: Adapter) -> None:
    errand = Errand(
        key="e1",
        station=StationId("DESK"),
        kind="count",
        subject="A-01-1",
        text="count",
        remedy="",
        asked_at=START,
    )
    found: list[Errand] = []
    adapter.decide(lambda tx: tx.save(errand))
    adapter.decide(lambda tx: found.extend(tx.find(Errand, kind="count", subject="A-01-1")))
    adapter.decide(lambda tx: found.extend(tx.find(Errand, kind="pull")))
    assert found == [errand]


def test_the_answer_is_accepted_unless_the_rule_says_otherwise(adapter: Adapter) -> None:
    def refuse(tx: Tx) -> None:
        tx.answer("accepted", "not yet")
        tx.answer("refused", "lane closed")

    assert adapter.decide(lambda tx: None)[:2] == ("accepted", "")
    assert adapter.decide(refuse)[:2] == ("refused", "lane closed")
    assert adapter.decide(lambda tx: None)[:2] == ("accepted", "")


LPNS = st.sampled_from([f"L{number}" for number in range(12)])
STATES = st.sampled_from(["moving", "sorted", "hospital"])
STEPS = st.one_of(
    st.tuples(st.just("save"), LPNS, STATES),
    st.tuples(st.just("remove"), LPNS),
    st.tuples(st.just("get"), LPNS),
    st.tuples(st.just("find"), st.none() | STATES, st.dictionaries(LPNS, LPNS, max_size=3)),
)


def rule_of(steps: list, heard: list) -> Callable[[Tx], None]:
    """Does the steps; a find also saves or removes other rows on the way."""

    def rule(tx: Tx) -> None:
        for verb, subject, *more in steps:
            match verb:
                case "save":
                    made = carton(subject, START, place=str(tx.seq))
                    tx.save(type(made)(**{**fields(made), "state": more[0]}))
                case "remove":
                    tx.remove(Carton, subject)
                case "get":
                    heard.append(tx.get(Carton, subject))
                case "find":
                    equal = {"state": subject} if subject else {}
                    for found in tx.find(Carton, **equal):
                        heard.append(found)
                        if other := more[0].get(found.key):
                            tx.remove(Carton, found.key)
                            tx.save(carton(other, START, place="moved"))
                case _:
                    raise AssertionError(verb)

    return rule


def fields(thing: Carton) -> dict:
    return {name: getattr(thing, name) for name in thing.__dataclass_fields__}


@settings(deadline=None)
@given(st.lists(st.lists(STEPS, max_size=8), max_size=6))
def test_both_adapters_do_the_same_whatever_is_asked(observations: list) -> None:
    heard: dict[str, list] = {"memory": [], "sqlite": []}
    with memory() as one, sqlite() as other:
        for steps in observations:
            one.decide(rule_of(steps, heard["memory"]))
            other.decide(rule_of(steps, heard["sqlite"]))
    assert heard["sqlite"] == heard["memory"]
