"""Hot reload: the files are read and checked, the difference is said, and only what changed is
swapped. A bad file changes nothing."""

import asyncio
import logging
import pickle
import sys
from asyncio import create_subprocess_exec
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from devices.map.diff import devices_of, diff
from devices.map.finding import Finding
from devices.plant import Swap
from gateway.plant import Ask, Equipment
from gateway.settings import Settings
from wcs.envelope import Answer
from wcs.observations import SiteChanged
from wcs.walking import warm

log = logging.getLogger(__name__)
COMMAND: Final = (sys.executable, "-m", "gateway.sitereader")
READ_S: Final = 60.0
HOSTS: Final = "addresses and names of hosts are taken"
KEPT: Final = {
    "channels": f"channel: {HOSTS}",
    "erp": f"erp: {HOSTS}",
    "carriers": f"carrier: {HOSTS}",
    "simulated": f"simulation: {HOSTS}",
    "telemetry": "telemetry: what stands there is taken",
}
"""Of the settings: hosts and their lines are made once, at the start."""


class BadFiles(Exception):
    """As `wedge check` says it. What runs goes on as it was."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__("\n".join(map(str, findings)))
        self.findings = findings


class NotTaken(Exception):
    """The files are good, but not now; the words say why."""


@dataclass(frozen=True, slots=True)
class Difference:
    """In words: of the device map, of the rules, and of what only a restart can take."""

    map: tuple[str, ...]
    rules: tuple[str, ...]
    restart: tuple[str, ...]
    devices: tuple[str, ...]
    """Those that are swapped."""

    def __bool__(self) -> bool:
        return bool(self.map or self.rules)


@dataclass(frozen=True, slots=True)
class Files:
    config: Path
    overlay: Path | None

    async def read(self) -> Settings:
        """In a program of its own: a thread would hold up the polls. Raises BadFiles, OSError."""
        paths = [str(path) for path in (self.config, self.overlay) if path is not None]
        reader = await create_subprocess_exec(*COMMAND, *paths, stdin=DEVNULL, stdout=PIPE)
        try:
            async with asyncio.timeout(READ_S):
                told, _ = await reader.communicate()
        except TimeoutError as err:
            reader.kill()
            raise OSError(f"the files could not be read in {READ_S:g} s") from err
        if reader.returncode:
            raise OSError("the files could not be read: the log says why")
        match pickle.loads(told):  # of our own program
            case Settings() as settings:
                return settings
            case list() as findings:
                raise BadFiles(findings)
            case problem:
                raise OSError(problem)


class Reload:
    """`known` gives the settings that run, `take` makes others run; `adopt` hears a new layout."""

    def __init__(
        self,
        files: Files,
        known: Callable[[], Settings],
        take: Callable[[Settings], None],
        equipment: Equipment,
        ask: Ask,
        now: Callable[[], datetime],
    ) -> None:
        self._files, self._known, self._take = files, known, take
        self._equipment, self._ask, self._now = equipment, ask, now
        self._turn = asyncio.Lock()

    async def look(self) -> Difference:
        """What a reload would change; changes nothing. Raises BadFiles, OSError."""
        fresh = await self._files.read()
        return difference(self._known(), keeping(self._known(), fresh), fresh)

    async def __call__(self, by: str) -> tuple[Difference, Swap]:
        """Raises BadFiles, NotTaken, OSError: nothing was changed then."""
        async with self._turn:
            fresh = await self._files.read()
            before = self._known()
            after = keeping(before, fresh)
            found = difference(before, after, fresh)
            if not found:
                return found, Swap()
            if after.site.layout != before.site.layout:
                await asyncio.to_thread(warm, after.site)
            answer = await self._ask(SiteChanged(site=after.site, by=by, at=self._now()))
            if answer.outcome != "accepted":
                raise NotTaken(f"not now: {answer.reason}")
            self._take(after)
            done = await self._equipment.adopt()
            log.info("files reloaded by %s: %s", by, in_words(found, done))
            return found, done


def keeping(before: Settings, fresh: Settings) -> Settings:
    """The fresh settings with the hosts as they run. Rules hear of a channel's or a carrier's own
    rules only while there is a line to each of them."""
    kept: dict[str, Any] = {name: getattr(before, name) for name in KEPT}
    site = fresh.site
    for hosts in ("channels", "carriers"):
        ours, theirs = getattr(before.site, hosts), getattr(site, hosts)
        if {one.id for one in ours} != {one.id for one in theirs}:
            site = replace(site, **{hosts: ours})
    site = replace(site, simulated=before.site.simulated)
    return replace(fresh, site=site, **kept)


def difference(before: Settings, after: Settings, fresh: Settings) -> Difference:
    """Of `before` and `after`; `restart` says what of the fresh ones is not taken."""
    changes = diff(before.map, after.map)
    return Difference(
        map=tuple(map(str, changes)),
        rules=tuple(_between("", asdict(before.site), asdict(after.site))),
        restart=tuple(
            f"{told} at the next start"
            for name, told in KEPT.items()
            if getattr(before, name) != getattr(fresh, name)
        ),
        devices=tuple(devices_of(changes, after.map)),
    )


def _between(path: str, before: Any, after: Any) -> Iterator[str]:
    if before == after:
        return
    if path == "layout":
        yield "layout: another one"
    elif isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in [*before, *(key for key in after if key not in before)]:
            where = f"{path}.{key}" if path else str(key)
            yield from _between(where, before.get(key), after.get(key))
    elif isinstance(before, tuple) and isinstance(after, tuple) and len(before) == len(after):
        for n, (one, other) in enumerate(zip(before, after, strict=True), start=1):
            yield from _between(f"{path}.{n}", one, other)
    else:
        yield f"{path}: {before} -> {after}"


def in_words(found: Difference, done: Swap) -> str:
    parts = [
        f"{word} {', '.join(ids)}"
        for word, ids in (
            ("swapped", done.swapped),
            ("started", done.started),
            ("stopped", done.stopped),
        )
        if ids
    ]
    parts += [f"{len(found.rules)} changes of the rules"] if found.rules else []
    parts += [f"after a restart: {one}" for one in found.restart]
    return "; ".join(parts) or "nothing is different"


def refused(err: BadFiles | NotTaken | OSError) -> Answer:
    """What whoever asked is told."""
    if isinstance(err, BadFiles):
        many = len(err.findings)
        told = f"{many} error{'s' if many > 1 else ''}; what runs goes on as it was"
        return Answer("refused", f"{told}\n{err}", 0)
    return Answer("refused", str(err), 0)
