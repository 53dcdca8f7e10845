"""Decides the journal again in a fresh database and compares: the proof that what happened can be
explained, and the forecast of what another release would have done.

What is compared: each answer with what was saved, wanted, removed and woken, each event and each
command, and at the end every row that rules keep. Delivery states are not.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from sync import schema, snapshots
from sync.failures import StoreError
from sync.hostmessage import to_nobody
from sync.journal import UNREADABLE
from sync.transact import Transactor
from wcs.envelope import Nobody, Seen
from wcs.messages import ENTITIES, loads
from wcs.ports import Decide

BATCH = 256
SHOWN = 100
NOTHING = "nothing"
FACTS = (
    "SELECT seq, 'answer', outcome || ': ' || reason FROM journal"
    f" WHERE body <> '{UNREADABLE}' AND seq BETWEEN ? AND ? ORDER BY seq",
    "SELECT seq, 'effect', value FROM journal, json_each(effects)"
    " WHERE seq BETWEEN ? AND ? ORDER BY seq, id",
    "SELECT seq, 'event ' || id, kind || ' ' || body FROM events"
    " WHERE seq BETWEEN ? AND ? ORDER BY seq, n",
    "SELECT seq, 'command ' || id, kind || ' ' || body FROM commands"
    " WHERE seq BETWEEN ? AND ? ORDER BY seq, rowid",
)


class CannotReplay(StoreError):
    """The journal does not reach back to where the replay would have to begin."""


@dataclass(frozen=True, slots=True)
class Difference:
    """`seq` 0 is the state at the end."""

    seq: int
    what: str
    recorded: str
    now: str

    def __str__(self) -> str:
        place = f"observation {self.seq}" if self.seq else "at the end"
        return f"{place}, {self.what}:\n  recorded {self.recorded}\n  now      {self.now}"


@dataclass(frozen=True, slots=True)
class ReplayReport:
    """`differences` holds the first SHOWN of `different`; `other_release` says that some of the
    journal was decided by another release, so that they are a forecast."""

    decided: int
    different: int
    differences: tuple[Difference, ...]
    other_release: bool

    @property
    def identical(self) -> bool:
        return not self.different

    @property
    def first_difference(self) -> Difference | None:
        return self.differences[0] if self.differences else None

    def __str__(self) -> str:
        if self.identical:
            return f"identical: {self.decided} observations decided again"
        if self.other_release:
            head = f"forecast: {self.different} differences in {self.decided} observations"
            return "\n".join([head, *map(str, self.differences)])
        return f"different: {self.first_difference}"


def replay(
    path: Path,
    *,
    until: int | None = None,
    from_snapshot: Path | None = None,
    decide: Decide,
    release: str,
) -> ReplayReport:
    """A live database is copied consistently first; `until` is the last sequence number decided.

    Raises CannotReplay, StoreTooNew.
    """
    with TemporaryDirectory(prefix="wedge-replay-") as folder:
        recorded = Path(folder) / "recorded.db"
        with closing(snapshots.connect(path)) as live:
            schema.backup(live, recorded)
        with (
            closing(_scratch(recorded)) as then,
            closing(_scratch(Path(folder) / "again.db")) as now,
        ):
            first = _begin(path, then, now, from_snapshot)
            return _Replay(then, now, decide, release).run(first, until)


def _scratch(path: Path) -> sqlite3.Connection:
    conn = sqlite3.connect(path, isolation_level=None)
    for setting in ("journal_mode = MEMORY", "synchronous = OFF", "temp_store = MEMORY"):
        conn.execute(f"PRAGMA {setting}")
    schema.migrate(conn, path, keep_copy=False)
    return conn


def _begin(
    path: Path, then: sqlite3.Connection, now: sqlite3.Connection, snapshot: Path | None
) -> int:
    """Loads the state to begin with; returns the first sequence number to decide."""
    (oldest,) = then.execute("SELECT coalesce(min(seq), 1) FROM journal").fetchone()
    if snapshot is None and oldest > 1:
        snapshot = _snapshot_before(path, then, oldest)
    begin = snapshots.load(snapshot, now) + 1 if snapshot else 1
    if oldest > begin:
        hint = "begin at a later snapshot"
        raise CannotReplay(path, f"its journal begins at observation {oldest}", hint)
    return begin


def _snapshot_before(path: Path, then: sqlite3.Connection, oldest: int) -> Path:
    """Where the journal was cut: the first snapshot that leads into what is left of it."""
    row = then.execute(
        "SELECT file FROM snapshots WHERE seq >= ? ORDER BY seq LIMIT 1", (oldest - 1,)
    ).fetchone()
    if row is None:
        problem = f"its journal begins at observation {oldest} and no snapshot leads there"
        raise CannotReplay(path, problem)
    return path.parent / snapshots.FOLDER / str(row[0])


class _Row(NamedTuple):
    seq: int
    kind: str
    body: str
    release: str


class _Replay:
    def __init__(
        self, then: sqlite3.Connection, now: sqlite3.Connection, decide: Decide, release: str
    ) -> None:
        self._then, self._now, self._release = then, now, release
        self._transactor = Transactor(
            now,
            Path("replay"),
            decide=decide,
            mapping=to_nobody,
            release=release,
            epoch=0,
            seq=0,
        )
        self._decided = self._different = 0
        self._differences: list[Difference] = []
        self._other_release = False
        self._unread: dict[int, str] = {}

    def run(self, first: int, until: int | None) -> ReplayReport:
        for rows in self._batches(first, until):
            self._decide(rows)
            self._compare(rows[0].seq, rows[-1].seq)
        if until is None:
            self._compare_state()
        return ReplayReport(
            self._decided, self._different, tuple(self._differences), self._other_release
        )

    def _batches(self, first: int, until: int | None) -> Iterator[list[_Row]]:
        cursor = self._then.execute(
            "SELECT seq, kind, body, release FROM journal WHERE seq >= ? AND seq <= ? ORDER BY seq",
            (first, until if until is not None else 2**62),
        )
        while rows := [_Row(*row) for row in cursor.fetchmany(BATCH)]:
            yield rows

    def _decide(self, rows: Sequence[_Row]) -> None:
        """In one transaction as far as the numbers have no gap."""
        group: list[Seen] = []
        for row in rows:
            self._other_release |= row.release != self._release
            seen = self._read(row)
            if seen is None or row.seq != self._transactor.seq + len(group) + 1:
                self._decide_group(group)
                group = []
                self._transactor.seq = row.seq - (seen is not None)
            if seen is not None:
                group.append(seen)
        self._decide_group(group)

    def _decide_group(self, group: Sequence[Seen]) -> None:
        if group:
            self._decided += len(self._transactor.decide(group))

    def _read(self, row: _Row) -> Seen | None:
        """None for one that did not fit its own type when it came: it is quarantined either way."""
        if row.body == UNREADABLE:
            return None
        try:
            return Seen(loads(row.kind, row.body), Nobody())
        except (KeyError, ValueError) as err:
            self._unread[row.seq] = f"cannot be read: {err}"
            return None

    def _compare(self, first: int, last: int) -> None:
        """At most one difference for each observation: what follows from it is no news."""
        different = {
            seq: Difference(seq, "observation", "was read", why)
            for seq, why in self._unread.items()
        }
        self._unread.clear()
        for facts in FACTS:
            then = self._then.execute(facts, (first, last)).fetchall()
            now = self._now.execute(facts, (first, last)).fetchall()
            if then != now:
                for seq, found in _differences(then, now):
                    different.setdefault(seq, found)
        for seq in sorted(different):
            self._differ(different[seq])

    def _compare_state(self) -> None:
        tables = [(schema.table_of(kind), "body") for kind in ENTITIES] + [("timers", "at")]
        for table, column in tables:
            sql = f"SELECT key, {column} FROM {table} ORDER BY key"
            for then, now in zip_longest(self._then.execute(sql), self._now.execute(sql)):
                if then != now:
                    self._differ(_of_state(table.strip('"'), then, now))
                    break  # the rest of this table would only be shifted

    def _differ(self, difference: Difference) -> None:
        self._different += 1
        if len(self._differences) < SHOWN:
            self._differences.append(difference)


Fact = tuple[int, str, str]


def _differences(then: Sequence[Fact], now: Sequence[Fact]) -> Iterator[tuple[int, Difference]]:
    was, is_ = _by_seq(then), _by_seq(now)
    for seq in was.keys() | is_.keys():
        if was[seq] != is_[seq]:
            yield seq, _first_difference(seq, was[seq], is_[seq])


def _by_seq(facts: Sequence[Fact]) -> defaultdict[int, list[Fact]]:
    found: defaultdict[int, list[Fact]] = defaultdict(list)
    for fact in facts:
        found[fact[0]].append(fact)
    return found


def _first_difference(seq: int, then: Sequence[Fact], now: Sequence[Fact]) -> Difference:
    was, is_ = next(pair for pair in zip_longest(then, now) if pair[0] != pair[1])
    if was and is_ and was[1] != is_[1]:  # one of them is missing on the other side
        was, is_ = (None, is_) if is_[1] not in {fact[1] for fact in then} else (was, None)
    what = (was or is_)[1]
    return Difference(seq, what, was[2] if was else NOTHING, is_[2] if is_ else NOTHING)


def _of_state(table: str, then: tuple[str, str] | None, now: tuple[str, str] | None) -> Difference:
    return Difference(
        0,
        table,
        " ".join(then) if then else NOTHING,
        " ".join(now) if now else NOTHING,
    )
