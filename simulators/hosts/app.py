"""A host's HTTP side: bearer token, failing modes, one act per key, a log of every request, and
the control side that only the director of a demo uses."""

import json
from collections import OrderedDict, deque
from datetime import UTC, datetime
from typing import Any, Protocol

from simulators.hosts.failing import Failing
from simulators.hosts.http import Reply, Request, Silence
from simulators.hosts.journal import Journal

KEYS_KEPT = 200_000
LOG_KEPT = 5_000
ACTING = ("POST", "PUT")
REFUSALS = {
    "500": Reply(500, {"error": "told to fail"}),
    "429": Reply(429, {"error": "slow down"}, {"Retry-After": "1"}),
}


class Book(Protocol):
    """What the host knows. Pure: the same requests in the same order make the same book."""

    def answer(self, request: Request) -> Reply:
        """Raises KeyError for a thing it does not know, ValueError for a request it refuses."""

    def state(self) -> dict[str, Any]:
        """The host's own view of the business, for who compares it with others."""


def utc_now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Host:
    def __init__(
        self,
        book: Book,
        journal: Journal,
        *,
        token: str,
        control_token: str,
        honours_keys: bool = True,
    ) -> None:
        self.failing = Failing()
        self.repeats = self.acted = 0
        self._book, self._journal, self._honours_keys = book, journal, honours_keys
        self._token, self._control_token = token, control_token
        self._answered: OrderedDict[str, tuple[str, Reply]] = OrderedDict()
        self._log: deque[dict[str, Any]] = deque(maxlen=LOG_KEPT)
        for act in journal.read():
            self._once(_request_of(act))

    async def handle(self, request: Request) -> Reply | Silence:
        request = _stamped(request)
        if request.path.startswith("/control/"):
            return self._control(request)
        mode = self.failing.take()
        reply = self._answer(request, mode)
        self._log.append(_entry(request, reply, mode))
        return Silence.HOLD if mode == "lost_answer" else reply

    def act(self, request: Request) -> Reply:
        """An act of the host's own people."""
        return self._kept(_stamped(request))

    def _answer(self, request: Request, mode: str | None) -> Reply | Silence:
        if mode == "down":
            return Silence.DROP
        if mode == "silent":
            return Silence.HOLD
        if refusal := REFUSALS.get(mode or ""):
            return refusal
        if request.bearer != self._token:
            return Reply(401, {"error": "wrong or missing bearer token"})
        return self._kept(request)

    def _kept(self, request: Request) -> Reply:
        reply, repeat = self._once(request)
        if request.method in ACTING and reply.status < 300 and not repeat:
            self._journal.append(_act_of(request))
        return reply

    def _once(self, request: Request) -> tuple[Reply, bool]:
        key = request.headers.get("idempotency-key", "") if self._honours_keys else ""
        subject = f"{request.method} {request.path}"
        if key in self._answered:
            first, reply = self._answered[key]
            self.repeats += 1
            wrong = Reply(422, {"error": f"this key was used for {first}"})
            return (reply if first == subject else wrong), True
        reply = self._asked(request)
        if request.method in ACTING and reply.status < 300:
            self.acted += not request.path.startswith("/control/")
        if key and reply.status < 300:
            self._answered[key] = (subject, reply)
            if len(self._answered) > KEYS_KEPT:
                self._answered.popitem(last=False)
        return reply, False

    def _asked(self, request: Request) -> Reply:
        try:
            return self._book.answer(request)
        except KeyError as err:
            return Reply(404, {"error": f"unknown: {err.args[0]}"})
        except ValueError as err:
            return Reply(422, {"error": str(err)})

    def _control(self, request: Request) -> Reply:
        if request.bearer != self._control_token:
            return Reply(401, {"error": "wrong or missing control token"})
        match request.path.removeprefix("/control/"):
            case "fail":
                return self._told_to_fail(request)
            case "failing":
                return Reply(200, {"mode": self.failing.mode, "left": self.failing.left})
            case "log":
                return Reply(200, {"log": list(self._log)})
            case "state":
                return Reply(200, self.state())
            case _:
                return self._kept(request)

    def _told_to_fail(self, request: Request) -> Reply:
        try:
            told = request.json()
            self.failing.set(told.get("mode"), told.get("count"))
        except (ValueError, TypeError) as err:
            return Reply(422, {"error": str(err)})
        return Reply(200, {"mode": self.failing.mode, "left": self.failing.left})

    def state(self) -> dict[str, Any]:
        own = {
            "mode": self.failing.mode,
            "failed": self.failing.failed,
            "repeats": self.repeats,
            "acted": self.acted,
        }
        return {**self._book.state(), "host": own}


def _stamped(request: Request) -> Request:
    return Request(
        request.method,
        request.path,
        request.query,
        request.headers,
        request.body,
        request.at or utc_now(),
    )


def _act_of(request: Request) -> dict[str, Any]:
    key = request.headers.get("idempotency-key", "")
    return {
        "at": request.at,
        "method": request.method,
        "path": request.path,
        "key": key,
        "body": request.json(),
    }


def _request_of(act: dict[str, Any]) -> Request:
    headers = {"idempotency-key": act["key"]} if act["key"] else {}
    body = json.dumps(act["body"]).encode()
    return Request(act["method"], act["path"], {}, headers, body, act["at"])


def _entry(request: Request, reply: Reply | Silence, mode: str | None) -> dict[str, Any]:
    answered = reply.status if isinstance(reply, Reply) else "nothing"
    return {
        "at": request.at,
        "method": request.method,
        "path": request.path,
        "key": request.headers.get("idempotency-key", ""),
        "answered": "nothing" if mode == "lost_answer" else answered,
        "mode": mode,
    }
