"""Whatever the floor says, in any order and however often: one carton is in one place, its goods
are somewhere exactly once, the shop is told forward only, and people can always end it."""

from collections.abc import Callable
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.rules.belt import AMR, PRINT1, PRINT2, SORTER, TRACKING, A, B, Belt
from tests.rules.site import only
from wcs.commands import Divert, LabelWanted, PrintLabel
from wcs.events import Event, LabelRequested, OrderCancelled, OrderProgressed, OrderShipped
from wcs.model import Balance, Carton, Errand, Load, Trip
from wcs.names import CarrierId, DeviceId, LaneId, Lpn
from wcs.observations import (
    CartonFound,
    CartonLost,
    CartonPulled,
    DeviceDown,
    DeviceUp,
    Inducted,
    LabelInDoubt,
    LabelJudged,
    LabelRefused,
    LoadCloseAsked,
    Rebound,
    ScaleChanged,
    WeighingFailed,
)

RANK = {"acknowledged": 1, "picking": 2, "packed": 3, "shipped": 4}
SPARE = "L00000009"
SCALE = DeviceId("scale1")
Act = Callable[[Belt], list[Event]]


def _lpn_acts(lpn: str) -> dict[str, Act]:
    tracking, plate = TRACKING[lpn], Lpn(lpn)
    return {
        f"pack {lpn}": lambda b: b.at_pack(lpn),
        f"pack {lpn} and weigh": lambda b: [*b.at_pack(lpn), *b.weighs()],
        f"issue {lpn}": lambda b: b.issued(lpn),
        f"second label {lpn}": lambda b: b.issued(lpn, "SW0000000999"),
        f"refuse {lpn}": lambda b: b.says(
            LabelRefused(lpn=plate, carrier=CarrierId("swift"), reason="no", at=b.later())
        ),
        f"print1 {lpn}": lambda b: b.printed(lpn, PRINT1),
        f"print2 {lpn}": lambda b: b.printed(lpn, PRINT2),
        f"tunnel 1 {lpn}": lambda b: b.tunnel(1, lpn, tracking),
        f"tunnel 2 {lpn}": lambda b: b.tunnel(2, lpn, tracking, after_s=0.3),
        f"tunnel 3 {lpn} without label": lambda b: b.tunnel(3, lpn),
        f"hand scan {lpn}": lambda b: b.hand_scan(lpn),
        f"reprint {lpn}": lambda b: b.solves("reprint", lpn),
        f"relabel {lpn}": lambda b: b.solves("relabel", lpn),
        f"accept {lpn}": lambda b: b.solves("accept_weight", lpn),
        f"reinduct {lpn}": lambda b: b.solves("reinduct", lpn),
        f"emptied {lpn}": lambda b: b.solves("emptied", lpn),
        f"put back {lpn}": lambda b: b.puts_back(1, lpn),
        f"found {lpn}": lambda b: b.says(CartonFound(lpn=plate, by="bo", at=b.later())),
        f"lost {lpn}": lambda b: b.says(CartonLost(lpn=plate, by="bo", at=b.later())),
        f"pulled {lpn}": lambda b: b.says(CartonPulled(lpn=plate, by="bo", at=b.later())),
        f"late {lpn}": lambda b: b.due(f"overdue:{lpn}"),
        f"label timer {lpn}": lambda b: b.due(f"label:{lpn}", 5),
        f"doubt {lpn}": lambda b: _doubted(b, plate),
        f"label of {lpn} is there": lambda b: _judged(b, plate, there=True),
        f"label of {lpn} is not there": lambda b: _judged(b, plate, there=False),
        f"label scan {lpn}": lambda b: b.hand_scan(tracking),
    }


def _doubted(belt: Belt, plate: Lpn) -> list[Event]:
    wanted = belt.tx.get(LabelWanted, plate)
    printer, name = (wanted.device, wanted.name) if wanted else (PRINT1, "W0x0")
    doubt = LabelInDoubt(
        printer=printer, lpn=plate, name=name, reason="the line went", at=belt.later()
    )
    return belt.says(doubt)


def _judged(belt: Belt, plate: Lpn, *, there: bool) -> list[Event]:
    return belt.says(LabelJudged(lpn=plate, there=there, by="anna", at=belt.later()))


def _scale(belt: Belt, reason: str) -> list[Event]:
    changed = ScaleChanged(scale=SCALE, ready=not reason, reason=reason, at=belt.later())
    return belt.says(changed)


def _trips(belt: Belt, step: str, *lpns: str) -> list[Event]:
    told: list[Event] = []
    for trip in list(belt.tx.find(Trip)):
        told += belt.trip(trip.key, step, *lpns)  # type: ignore[arg-type]
    return told


ACTS: dict[str, Act] = {
    **_lpn_acts(A),
    **_lpn_acts(B),
    "cancel 1": lambda b: b.asks_cancel("1", seconds=b.now_s),
    "dispatch": lambda b: b.due(f"dispatch:{AMR}", 61),
    "trip picked": lambda b: _trips(b, "picked"),
    "trip picked A": lambda b: _trips(b, "picked", A),
    "trip dropped": lambda b: _trips(b, "dropped"),
    "trip failed": lambda b: _trips(b, "failed"),
    "trip rejected": lambda b: _trips(b, "rejected"),
    "amr up": lambda b: b.says(DeviceUp(device=AMR, at=b.later())),
    "sorter down": lambda b: b.says(DeviceDown(device=SORTER, reason="gone", at=b.later())),
    "sorter up": lambda b: b.says(DeviceUp(device=SORTER, at=b.later())),
    "print1 up": lambda b: b.says(DeviceUp(device=PRINT1, has=(f"label={A}",), at=b.later())),
    "print1 up and forgetful": lambda b: b.says(DeviceUp(device=PRINT1, at=b.later())),
    "not weighed": lambda b: b.says(
        WeighingFailed(scale=SCALE, reason="not stable within 3 s", at=b.later())
    ),
    "scale overloaded": lambda b: _scale(b, "overload: take off what lies on it"),
    "scale well": lambda b: _scale(b, ""),
    "no read at pack": lambda b: b.at_pack(),
    "two plates at pack": lambda b: b.at_pack(A, B),
    "weight": lambda b: b.weighs(),
    "late weight": lambda b: b.weighs(after_s=5),
    "wrong weight": lambda b: b.weighs(900),
    "inducted 1": lambda b: b.says(
        Inducted(sorter=SORTER, track=1, length_mm=400, at=b.later(0.1))
    ),
    "track timer 1": lambda b: b.due("track:sorter1|1", 0.4),
    "tunnel no-read": lambda b: b.tunnel(1),
    "tunnel two plates": lambda b: b.tunnel(2, A, B, TRACKING[A]),
    **{
        f"track {track} in lane {lane}": lambda b, t=track, la=lane: b.confirms(t, la)  # type: ignore[misc]
        for track in (1, 2, 3)
        for lane in ("1", "2", "3")
    },
    "track 1 again": lambda b: b.confirms(1, "0", "no_decision"),
    "lane 1 full": lambda b: b.lane("1", full=True),
    "lane 1 free": lambda b: b.lane("1"),
    "hospital full": lambda b: b.lane("3", full=True),
    "hospital free": lambda b: b.lane("3"),
    "close 1": lambda b: b.says(LoadCloseAsked(lane=LaneId("1"), by="anna", at=b.later())),
    "close 2": lambda b: b.says(LoadCloseAsked(lane=LaneId("2"), by="anna", at=b.later())),
    "rebind": lambda b: b.says(Rebound(lpn=Lpn(A), new=Lpn(SPARE), by="anna", at=b.later())),
}
GOODS = 50


class Story:
    """Two cartons, what was told, and what must hold after each step."""

    def __init__(self) -> None:
        self.belt, self.told = Belt(), list[Event]()
        self.told += self.belt.picked(A)
        self.told += self.belt.picked(B, number="2")

    def step(self, act: Act) -> None:
        self.told += act(self.belt)
        self.goods_are_somewhere_once()
        self.cartons_are_in_one_place()
        self.told_forward_only()
        self.no_command_is_late()
        self.doubts_are_asked_about()

    def doubts_are_asked_about(self) -> None:
        """What is held has its errand, and only that; it is not asked of a printer."""
        wants = self.belt.tx.find(LabelWanted)
        held = {want.lpn for want in wants if want.doubt}
        asked = {e.subject for e in self.belt.tx.find(Errand) if e.kind == "label"}
        assert held == asked
        sent = {c.lpn for c in self.belt.commands if isinstance(c, PrintLabel)}
        assert not held & sent

    def goods_are_somewhere_once(self) -> None:
        rows = [row for row in self.belt.tx.find(Balance) if row.sku == "MUG"]
        assert sum(row.qty for row in rows) == 0
        real = [row for row in rows if row.account != "opening"]
        assert sum(row.qty for row in real) == GOODS
        assert all(row.qty >= 0 for row in real)

    def cartons_are_in_one_place(self) -> None:
        tx = self.belt.tx
        for load in tx.find(Load):
            inside = [c for c in tx.find(Carton, load=load.key) if c.state in ("sorted", "shipped")]
            assert load.cartons == len(inside)
        for carton in tx.find(Carton):
            free = carton.state in ("shipped", "lost", "emptied")
            timed = f"overdue:{carton.lpn}" in tx.timers
            assert not timed or (carton.next is not None and not free)
            assert carton.load is None or carton.state in ("sorted", "shipped")
            assert not free or not list(tx.find(Errand, subject=carton.lpn))
            assert not free or tx.get(LabelWanted, carton.lpn) is None
            asked = tx.get(Errand, f"hospital:{carton.lpn}")
            assert carton.state != "hospital" or asked is not None

    def told_forward_only(self) -> None:
        for order in ("shop:1", "shop:2"):
            told = [p for p in only(self.told, OrderProgressed) if p.order == order]
            ranks = [RANK[progress.status] for progress in told]
            assert ranks == sorted(set(ranks))
            shipped = [s for s in only(self.told, OrderShipped) if s.order == order]
            cancelled = [c for c in only(self.told, OrderCancelled) if c.order == order]
            assert len(shipped) + len(cancelled) <= 1

    def no_command_is_late(self) -> None:
        for command in self.belt.commands:
            if isinstance(command, Divert):
                assert command.before <= self.belt.now + timedelta(seconds=1.2)

    def people_end_it(self) -> None:
        """Every carton is scanned in the hospital and gets what its remedy says, till all have
        ended."""
        belt = self.belt
        for act in ("lane 1 free", "hospital free", "sorter up"):
            self.step(ACTS[act])
        for turn in range(20):
            alive = [
                carton
                for carton in belt.tx.find(Carton)
                if carton.state not in ("shipped", "lost", "emptied", "picking")
            ]
            if not alive:
                return
            for carton in alive:
                self.one_more_try(carton.lpn, 100 + 10 * turn)
            self.step(ACTS["close 1"])
        raise AssertionError(f"never ends: {alive}")

    def one_more_try(self, lpn: str, track: int) -> None:
        belt = self.belt
        self.step(lambda b: b.hand_scan(lpn))
        carton = belt.carton(lpn)
        if carton.cancelled:
            self.step(lambda b: b.puts_back(belt.holds(f"putback:{lpn}"), lpn))
            self.step(lambda b: b.solves("emptied", lpn))
            return
        remedy = (carton.remedy or "").rpartition(", ")[2].replace(" ", "_")
        self.step(lambda b: b.solves(remedy, lpn))  # type: ignore[arg-type]
        number = f"SW{lpn[1:]:>010}"
        self.step(lambda b: b.issued(lpn, belt.carton(lpn).tracking or number))
        self.step(lambda b: b.printed(lpn, PRINT2))
        self.step(lambda b: b.at_pack(lpn))
        self.step(lambda b: b.weighs(belt.carton(lpn).expected_g))
        self.step(lambda b: b.issued(lpn, belt.carton(lpn).tracking or number))
        self.step(lambda b: b.printed(lpn, PRINT1))
        tracking = belt.carton(lpn).tracking or ""
        self.step(lambda b: b.tunnel(track, lpn, tracking))
        divert = next((c for c in belt.commands if isinstance(c, Divert)), None)
        if divert:
            self.step(lambda b: b.confirms(track, divert.lane))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(sorted(ACTS)), max_size=25))
def test_any_order_and_doubling(names: list[str]) -> None:
    story = Story()
    for name in names:
        story.step(ACTS[name])
    story.people_end_it()

    requests = [asked.lpn for asked in only(story.told, LabelRequested)]
    refused = names.count(f"refuse {A}") + names.count(f"refuse {B}")
    lost = names.count(f"lost {A}") + names.count(f"lost {B}")
    assert len(requests) - len(set(requests)) <= refused + lost


HAPPY: list[str] = [
    "dispatch",
    "trip picked",
    "trip dropped",
    f"pack {A} and weigh",
    f"issue {A}",
    f"print1 {A}",
    f"tunnel 1 {A}",
    "track 1 in lane 1",
    "close 1",
]


@settings(max_examples=100, deadline=None)
@given(st.permutations(HAPPY * 2), st.sampled_from(["", "cancel 1"]), st.integers(0, 18))
def test_the_right_things_in_the_wrong_order(names: list[str], extra: str, place: int) -> None:
    """Late, early and twice: at most one shipment, and the order can still be ended."""
    story = Story()
    for name in [*names[:place], *([extra] if extra else []), *names[place:]]:
        story.step(ACTS[name])
    story.people_end_it()
    assert story.belt.order("1").state in ("shipped", "cancelled")
