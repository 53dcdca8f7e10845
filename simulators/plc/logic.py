"""What the sorter's PLC does: `docs/wires.md` section 6. Pure: time comes in, acts go out."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from simulators.plc.bank import Bank

BEAT_S: Final = 0.25
BEAT_LOST_S: Final = 2.0
QUEUE: Final = 64
REMEMBERED: Final = 256
"""Tracks of which a late command is still told `too late` and not `unknown`."""
STRAIGHT_ON: Final = 0
SPEED_CM_S: Final = 120
WORD: Final = 0xFFFF

Act = Callable[..., None]
"""Says something to the world: `act("divert", body=7, lane=2)`."""


class Code(IntEnum):
    ACCEPTED = 1
    BAD_LANE = 2
    UNKNOWN_TRACK = 3
    TOO_LATE = 4
    STOPPED = 5
    DUPLICATE = 6


class Result(IntEnum):
    DIVERTED = 1
    LANE_FULL = 2
    JAM = 3
    NO_DECISION = 4
    RECIRCULATED = 5


@dataclass(slots=True)
class Track:
    number: int
    body: int
    taken_in: float
    lane: int | None = None
    """What the gateway commanded."""
    went: int = STRAIGHT_ON
    result: Result | None = None
    """Set when the carton passed the blade, with the lane it `went`."""


class Events:
    """One event handshake: the next event is put up only when the last one was acknowledged."""

    def __init__(self, bank: Bank, name: str, data: tuple[str, ...]) -> None:
        self._bank, self._seq, self._ack = bank, f"{name}_seq", f"{name}_ack"
        self._data = data
        self._waiting: deque[tuple[int, ...]] = deque()

    @property
    def full(self) -> bool:
        return len(self._waiting) >= QUEUE

    def raise_(self, *values: int) -> None:
        self._waiting.append(values)
        self.go_on()

    def go_on(self) -> None:
        seq = self._bank.get(self._seq)
        if not self._waiting or self._bank.get(self._ack) != seq:
            return
        for name, value in zip(self._data, self._waiting.popleft(), strict=True):
            self._bank.put(name, value)
        self._bank.put(self._seq, after(seq))


class Logic:
    """Belts, blades, tracking and the handshakes of one sorter, from power on."""

    def __init__(self, bank: Bank, act: Act, now: float) -> None:
        self._bank, self._act = bank, act
        self._induct = Events(bank, "ind", ("ind_track", "ind_length"))
        self._confirm = Events(bank, "cfm", ("cfm_track", "cfm_lane", "cfm_result"))
        self._tracks: dict[int, Track] = {}
        self._last_track = 0
        self._eye: tuple[int, int] | None = None
        self._seen_beat, self._beat_at, self._my_beat_at = 0, -BEAT_LOST_S, now
        self._acted_on = 0
        bank.put("running", 1)
        bank.put("speed", SPEED_CM_S)

    @property
    def lanes(self) -> range:
        return range(sum(self._bank.has(f"lane{n}.full") for n in range(1, 17)) + 1)

    def alive(self, now: float) -> bool:
        """The gateway's beat moved lately: induction may run."""
        return now - self._beat_at < BEAT_LOST_S

    # --- what the gateway wrote, and the PLC's own cycle ---

    def scan(self, now: float) -> None:
        """One cycle of the program: after every write, and at least every `BEAT_S`."""
        self._watch(now)
        if (seq := self._bank.get("cmd_seq")) not in (0, self._acted_on):
            self._command(seq, now)
        self._induct.go_on()
        self._confirm.go_on()
        self._take_in(now)

    def _watch(self, now: float) -> None:
        if (beat := self._bank.get("gw_beat")) != self._seen_beat:
            self._seen_beat, self._beat_at = beat, now
        if now - self._my_beat_at >= BEAT_S:
            self._my_beat_at = max(self._my_beat_at + BEAT_S, now - BEAT_S)
            self._bank.put("plc_beat", self._bank.get("plc_beat") + 1 & WORD)

    def _command(self, seq: int, now: float) -> None:
        number, lane = self._bank.get("cmd_track"), self._bank.get("cmd_lane")
        code = self._judge(number, lane, now)
        if code is Code.ACCEPTED:
            self._tracks[number].lane = lane
        self._acted_on = seq
        self._bank.put("ack_code", code)
        self._bank.put("ack_seq", seq)
        self._witness(seq, number, lane, code, now)

    def _witness(self, seq: int, number: int, lane: int, code: Code, now: float) -> None:
        track = self._tracks.get(number)
        about = {"command": seq, "track": number, "lane": lane, "code": code.name}
        age_s = round(now - track.taken_in, 4) if track else None
        late = track is not None and track.result is not None
        self._act("saw", **about, age_s=age_s, after_blade=late)

    def _judge(self, number: int, lane: int, now: float) -> Code:
        track = self._tracks.get(number)
        if not self._bank.get("running") or not self.alive(now):
            return Code.STOPPED
        if lane not in self.lanes:
            return Code.BAD_LANE
        if track is None:
            return Code.UNKNOWN_TRACK
        if track.result is not None:
            return Code.TOO_LATE
        return Code.ACCEPTED if track.lane is None else Code.DUPLICATE

    # --- what the world shows ---

    def eye(self, body: int, length_mm: int, now: float) -> None:
        self._eye = (body, length_mm)
        self._take_in(now)

    def _take_in(self, now: float) -> None:
        blocked = self._induct.full or self._confirm.full or not self._bank.get("running")
        if self._eye is None or blocked or not self.alive(now):
            return
        body, length_mm = self._eye
        self._eye, self._last_track = None, after32(self._last_track)
        self._tracks[self._last_track] = Track(self._last_track, body, now)
        self._forget()
        self._act("induct", body=body, track=self._last_track)
        self._induct.raise_(self._last_track, length_mm)

    def _forget(self) -> None:
        while len(self._tracks) > REMEMBERED:
            del self._tracks[next(iter(self._tracks))]

    def blade(self, body: int, number: int, now: float) -> None:
        """A carton that this PLC did not take in (it was restarted since) runs straight on."""
        track = self._tracks.get(number)
        lane = STRAIGHT_ON
        if track is not None and track.body == body:
            lane, track.result = self._route(track, now)
            track.went = lane
        self._act("divert", body=body, lane=lane)

    def _route(self, track: Track, now: float) -> tuple[int, Result]:
        if track.lane is None:
            return STRAIGHT_ON, Result.NO_DECISION
        if track.lane == STRAIGHT_ON or not self.alive(now):
            return STRAIGHT_ON, Result.RECIRCULATED
        if self._bank.get(f"lane{track.lane}.jam"):
            return STRAIGHT_ON, Result.JAM
        if self._bank.get(f"lane{track.lane}.full"):
            return STRAIGHT_ON, Result.LANE_FULL
        return track.lane, Result.DIVERTED

    def diverted(self, body: int, lane: int) -> None:
        newest_first = reversed(self._tracks.values())
        track = next((each for each in newest_first if each.body == body), None)
        if track is not None and track.result is not None:
            result = track.result if lane == track.went else Result.LANE_FULL
            self._confirm.raise_(track.number, lane, result)

    def lane(self, lane: int, full: bool, jam: bool) -> None:
        self._bank.put(f"lane{lane}.full", full)
        self._bank.put(f"lane{lane}.jam", jam)

    def run(self, running: bool) -> None:
        self._bank.put("running", running)


def after(seq: int) -> int:
    """The next sequence number: 1..65535, then 1 again."""
    return seq % WORD + 1


def after32(number: int) -> int:
    return number % 0xFFFF_FFFF + 1
