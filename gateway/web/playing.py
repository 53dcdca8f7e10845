"""What the play page shows while somebody looks: lamps to press, orders to cancel, the visitor's
own orders with the shop's word on them, and everything that is broken."""

import sqlite3
from collections import deque
from collections.abc import Mapping
from time import monotonic
from typing import Any, Final

import httpx

from gateway.context import Gateway
from gateway.settings import Simulated
from gateway.views.devices import devices
from gateway.web.pulse import Regions
from gateway.web.templating import Looks
from sync import reading
from wcs.commands import LightWanted
from wcs.model import Order

WITHIN_S: Final = 0.5
ASK_EVERY_S: Final = 1.0
SHOWN: Final = 8
WORDS: Final[Mapping[str, str]] = {
    "unplug": "pull the plug",
    "restart": "restart",
    "kill": "cut the power",
    "reset": "reset its connections",
    "stopped": "emergency stop",
    "paper_out": "use up the labels",
    "jam": "jam it",
    "full": "block its full eye",
    "500": "answer 500",
    "429": "ask for patience (429)",
    "silent": "never answer",
    "lost_answer": "act, lose the answer",
    "down": "shut the door",
}


class Playing:
    """A scene of `pulse.Board`. `placed`: numbers of the visitors' orders, newest first."""

    def __init__(
        self, gateway: Gateway, looks: Looks, simulated: Simulated, placed: deque[str]
    ) -> None:
        self._gateway, self._looks, self._placed = gateway, looks, placed
        self._conn = gateway.reader()
        self._director = httpx.Client(
            base_url=simulated.control,
            headers={"authorization": f"Bearer {simulated.control_token}"},
            timeout=WITHIN_S,
            trust_env=False,
        )
        channel = gateway.settings.channels[0]
        self._channel = channel.id
        self._shop = httpx.Client(
            base_url=channel.url,
            headers={"authorization": f"Bearer {gateway.secrets[channel.secret]}"},
            timeout=WITHIN_S,
            trust_env=False,
        )
        self._faults: dict[str, Any] | None = None
        self._heard: dict[str, str] = {}
        self._asked = 0.0
        self._seen: object = None

    def changed(self) -> bool:
        if monotonic() - self._asked >= ASK_EVERY_S:
            self._ask_around()
        version = self._conn.execute("PRAGMA data_version").fetchone()[0]
        seen = (version, self._asked, tuple(self._placed), self._gateway.connected())
        before, self._seen = self._seen, seen
        return seen != before

    def render(self) -> Regions:
        return {
            "lit": self._looks.fragment("regions/lit.html", lamps=self._lit()),
            "picking": self._looks.fragment("regions/picking.html", orders=self._picking()),
            "yours": self._looks.fragment("regions/yours.html", orders=self._yours()),
            "things": self._looks.fragment("regions/things.html", things=self._things()),
            "faults": self._looks.fragment("regions/faults.html", faults=self._log()),
        }

    def close(self) -> None:
        self._conn.close()
        self._director.close()
        self._shop.close()

    def _ask_around(self) -> None:
        """The director and the shop, once a second; one that does not answer is a state."""
        self._asked = monotonic()
        self._faults = _json(self._director, "/faults")
        for number in tuple(self._placed):
            said = _json(self._shop, f"/orders/{number}")
            if said is None:  # one silence is enough: the page's own beat must go on
                self._heard = dict.fromkeys(self._placed, "the shop does not answer")
                return
            self._heard[number] = _told(said)

    def _lit(self) -> list[LightWanted]:
        return [
            lamp
            for zone in self._gateway.settings.site.zones
            for lamp in reading.find(self._conn, LightWanted, device=zone.lights)
            if lamp.light != zone.display
        ]

    def _picking(self) -> list[Order]:
        found = reading.find(self._conn, Order, state="picking", limit=SHOWN)
        return [*found, *reading.find(self._conn, Order, state="packed", limit=SHOWN)]

    def _yours(self) -> list[dict[str, Any]]:
        return [self._one(number) for number in tuple(self._placed)]

    def _one(self, number: str) -> dict[str, Any]:
        key = f"{self._channel}:{number}"
        order = reading.get(self._conn, Order, key)
        heard = self._heard.get(number, "…")
        return {"key": key, "number": number, "order": order, "heard": heard}

    def _things(self) -> list[dict[str, Any]] | None:
        """None while the director does not answer."""
        if self._faults is None:
            return None
        health = self._health()
        broken = {one["what"]: one["text"] for one in self._faults["faults"] if not one["over"]}
        return [
            {
                "id": what,
                "state": broken.get(what) or health.get(what, "runs"),
                "bad": what in broken or health.get(what, "up") not in ("up", "answers"),
                "modes": [(mode, WORDS.get(mode, mode)) for mode in modes],
            }
            for what, modes in self._faults["can"].items()
        ]

    def _health(self) -> dict[str, str]:
        gateway = self._gateway
        rows = devices(self._conn, gateway.settings.map, gateway.connected(), gateway.live)
        found = {
            row["id"]: row["health"] if row["health"] == "up" else f"{row['health']}: {row['why']}"
            for row in rows
        }
        return found | _hosts(self._conn, gateway.hosts_down())

    def _log(self) -> list[dict[str, Any]] | None:
        return None if self._faults is None else self._faults["faults"][-SHOWN:][::-1]


def _hosts(conn: sqlite3.Connection, down: Mapping[str, str]) -> dict[str, str]:
    """Hosts in words; the carriers of the demo are one simulator."""
    found = {}
    for row in reading.outbox_depth(conn):
        waits = f"{row['waiting']} messages wait" if row["waiting"] else ""
        why = f"does not answer: {down[row['host']]}" if row["host"] in down else ""
        found[row["host"]] = ", ".join(part for part in (why, waits) if part) or "answers"
    return found


def _json(client: httpx.Client, path: str) -> dict[str, Any] | None:
    try:
        answer = client.get(path)
        return dict(answer.json()) if answer.is_success else None
    except (httpx.HTTPError, ValueError):
        return None


def _told(order: Mapping[str, Any]) -> str:
    told = [heard["status"] for heard in order.get("heard", ())]
    answer = (order.get("cancellation") or {}).get("result")
    return ", ".join([*told, *([f"cancellation {answer}"] if answer else [])]) or "nothing yet"
