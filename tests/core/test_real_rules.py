"""The real rules on anything at all: memory, SQLite and replay must agree, whatever comes."""

import types
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal, NewType, Union, get_args, get_origin, get_type_hints

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.settings import load
from sync import schema
from sync.hostmessage import to_nobody
from sync.replay import replay
from sync.transact import Decided, Transactor
from tests.contract.adapters import database
from tests.core.test_replay import comparable
from tests.core.toys import START, seen
from tests.core.twin import Twin
from wcs.decide import rule
from wcs.messages import ENTITIES, dumps
from wcs.observations import Due, Observation, SiteChanged
from wcs.site import Site

DEMO = Path(__file__).parent.parent.parent / "config" / "demo"
POOLS = {
    "DeviceId": ["tunnel1", "scan_pack1", "hand1", "hand2", "sorter1", "merge1", "ptl_a"],
    "Barcode": ["L00000001", "L00000002", "SW0000000001", "4006381333931", "A-01-1"],
    "Lpn": ["L00000001", "L00000002", "L00000003"],
    "LaneId": ["0", "1", "2", "3"],
    "LightId": ["A-00", "A-01", "A-02"],
    "TaskId": ["4-1", "4-1.1", "5-1", "6-1.1"],
    "LocationCode": ["A-01-1", "A-01-2", "A-06-2", "nowhere"],
    "Sku": ["SKU-001", "SKU-002", "SKU-404"],
    "Owner": ["ACME"],
    "ChannelId": ["shop", "market"],
    "CarrierId": ["swift", "parcelo"],
    "OrderKey": ["shop:1", "shop:2"],
}
KEYS = st.sampled_from(["lamp:ptl_a|A-01", "cutoff:swift", "overdue:L00000001", "no:such"])
EITHER = (Union, types.UnionType)


def values(hint: Any) -> st.SearchStrategy[Any]:
    """Few values of each type, so that what one observation names another has named before."""
    if isinstance(hint, NewType):
        return st.sampled_from(POOLS[hint.__name__])
    origin, args = get_origin(hint), get_args(hint)
    if origin is Literal:
        return st.sampled_from(args)
    if origin in EITHER:
        return st.one_of([values(arg) for arg in args])
    if origin is tuple:
        return st.lists(values(args[0]), max_size=3).map(tuple)
    if origin is dict:
        return st.dictionaries(values(args[0]), values(args[1]), max_size=2)
    return plain(hint)


def plain(hint: Any) -> st.SearchStrategy[Any]:
    if hint is type(None):
        return st.none()
    if hint is bool:
        return st.booleans()
    if hint is date:
        return st.just(START.date())
    if hint is int:
        return st.integers(0, 5)
    if hint is str:
        return st.sampled_from(["1", "2", "standard", "4-2"])
    return built(hint)


@cache
def built(kind: type) -> st.SearchStrategy[Any]:
    hints = get_type_hints(kind)
    return st.builds(
        kind, **{name: values(hint) for name, hint in hints.items() if hint is not datetime}
    )


@st.composite
def observations(draw: st.DrawFn) -> list[Observation]:
    kinds = [kind for kind in get_args(Observation) if kind not in (SiteChanged, Due)]
    made: list[Observation] = []
    for step in range(draw(st.integers(0, 25))):
        at = START + timedelta(seconds=step)
        kind = draw(st.sampled_from([Due, *kinds]))
        times = {name: at for name, hint in get_type_hints(kind).items() if hint is datetime}
        if kind is Due:
            made.append(Due(key=draw(KEYS), at=at))
        else:
            fields = {
                name: draw(values(hint))
                for name, hint in get_type_hints(kind).items()
                if hint is not datetime
            }
            made.append(kind(**fields, **times))
    return made


@cache
def demo() -> Site:
    return load(DEMO).site


@settings(deadline=None, max_examples=40)
@given(observations())
def test_memory_sqlite_and_replay_agree_on_the_real_rules(drawn: list[Observation]) -> None:
    group = [seen(one) for one in (SiteChanged(site=demo(), by="test", at=START), *drawn)]
    twin = Twin(rule)
    with TemporaryDirectory() as folder, database() as conn:
        decided: list[Decided] = []
        transactor = Transactor(
            conn, Path("x"), decide=rule, mapping=to_nobody, release="test", epoch=1, seq=0
        )
        for one in group:
            decided += transactor.decide([one])
        assert [comparable(one) for one in decided] == [twin.decide(one) for one in group]
        for kind in ENTITIES:
            stored = conn.execute(
                f"SELECT key, body FROM {schema.table_of(kind)} ORDER BY key"
            ).fetchall()
            things: list[Any] = twin.all(kind)
            assert stored == [(thing.key, dumps(thing)) for thing in things]
        schema.backup(conn, Path(folder) / "wedge.db")
        report = replay(Path(folder) / "wedge.db", decide=rule, release="test")
    assert report.identical, str(report)
