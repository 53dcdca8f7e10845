"""`/work`: one task at a time for whoever stands at a station. The state is the floor's, so a page
resumes where the last one was."""

import sqlite3
from contextlib import closing
from functools import partial
from typing import Final

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import HTMLResponse

from gateway.context import Gateway
from gateway.views.ground import ground_of
from gateway.views.walks import at_the_shelf, cut_around, nodes_left, path_drawn
from gateway.views.work import lights_away, overview, stations, walking, work
from gateway.web.guard import Operator, Site
from gateway.web.marks import Marked
from gateway.web.pages import streamed
from gateway.web.parts import Shown, Working
from gateway.web.pulse import Board, Regions
from gateway.web.templating import Looks
from wcs.lookup import zone_at
from wcs.names import StationId

router = APIRouter(include_in_schema=False)
HANDHELD_PX: Final = 340.0


class Station:
    """A scene of `pulse.Board`: the task and the errands of one station."""

    def __init__(self, gateway: Gateway, looks: Looks, station: str) -> None:
        self._looks, self._station = looks, station
        site = gateway.settings.site
        self._zone = zone_at(site, StationId(station))
        self._ground = ground_of(site.layout)
        self._shelf = at_the_shelf(self._ground)
        self._conn: sqlite3.Connection = gateway.reader()
        self._seen = 0

    def changed(self) -> bool:
        before = self._seen
        self._seen = self._conn.execute("PRAGMA data_version").fetchone()[0]
        return self._seen != before

    def render(self) -> Regions:
        found = work(self._conn, self._station)
        return {
            "task": self._looks.fragment(
                "regions/task.html", task=found["task"], away=lights_away(self._conn, self._zone)
            ),
            "path": self._path(),
            "todo": self._looks.fragment(
                "regions/todo.html", errands=found["errands"], by_hand=found["by_hand"]
            ),
        }

    def _path(self) -> str:
        """Nothing while there is nothing to walk."""
        walk = walking(self._conn, self._station)
        if walk is None or self._zone is None:
            return ""
        ground, zone = self._ground, self._zone
        cut = cut_around(ground, nodes_left(ground.layout, zone, walk.steps))
        size = max(1.0, cut.w / HANDHELD_PX)
        path = path_drawn(ground, zone, walk, self._shelf, size)
        return self._looks.fragment(
            "regions/path.html", path=path, cut=cut, ground=ground, size=size
        )

    def close(self) -> None:
        self._conn.close()


class Boards:
    """One for each station of the site as it is now."""

    def __init__(self, gateway: Gateway, looks: Looks) -> None:
        self._gateway, self._looks = gateway, looks
        self._boards: dict[str, Board] = {}

    def of(self, station: str) -> Board | None:
        """None where there is no such station."""
        gateway, looks = self._gateway, self._looks
        if station not in stations(gateway.settings.site):
            return None
        if station not in self._boards:
            opened = partial(Station, gateway, looks, station)
            self._boards[station] = Board(lambda: Marked(opened, gateway, looks), looks.clock)
        return self._boards[station]


@router.get("/work")
def choose(who: Working, site: Site, shown: Shown) -> Response:
    with closing(site.reader()) as conn:
        rows = overview(conn, site.settings.site)
    return HTMLResponse(shown.page("stations.html", who, stations=rows))


@router.get("/work/{station}")
def at(station: str, who: Working, site: Site, shown: Shown) -> Response:
    if station not in stations(site.settings.site):
        raise HTTPException(404, f"there is no station {station!r}; choose one at /work")
    zone = zone_at(site.settings.site, StationId(station))
    with closing(site.reader()) as conn:
        found, away = work(conn, station), lights_away(conn, zone)
    picks = any(zone.station == station for zone in site.settings.site.zones)
    scans = picks or station == site.settings.site.hospital.station
    page = shown.page(
        "station.html",
        who,
        station=station,
        picks=picks,
        scans=scans,
        task=found["task"],
        away=away,
        errands=found["errands"],
        by_hand=found["by_hand"],
    )
    return HTMLResponse(page)


@router.get("/work/{station}/stream")
async def stream(station: str, who: Operator, request: Request) -> Response:
    boards: Boards = request.app.state.stations
    board = boards.of(station)
    if board is None:
        raise HTTPException(404, f"there is no station {station!r}")
    return await streamed(board)
