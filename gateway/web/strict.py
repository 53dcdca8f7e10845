"""Requests are taken at their word: what we do not know is a mistake, said in one shape."""

import sqlite3
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from starlette.exceptions import HTTPException as StarletteHTTPException

from gateway.inbox import Busy
from gateway.web.enter import login_address
from gateway.web.guard import actor_of
from gateway.web.parts import NotSignedIn, looks_of
from sync.failures import StoreError

MISTAKES = 5


def no_unknown_query(request: Request) -> None:
    """A dependency: a misspelt query parameter is refused and not ignored."""
    route: Any = request.scope["route"]
    known = {parameter.alias for parameter in _queries(route.dependant)}
    unknown = sorted(set(request.query_params) - known)
    if unknown:
        allowed = f"; there are {', '.join(sorted(known))}" if known else ""
        raise HTTPException(422, f"unknown query parameter {', '.join(unknown)[:200]}{allowed}")


def _queries(dependant: Any) -> list[Any]:
    inner = [found for part in dependant.dependencies for found in _queries(part)]
    return [*dependant.query_params, *inner]


def answer_in_words(app: FastAPI) -> None:
    """Every failure of a request has the shape `{"detail": "..."}`."""
    app.add_exception_handler(StarletteHTTPException, _as_said)
    app.add_exception_handler(NotSignedIn, _to_the_login)
    app.add_exception_handler(RequestValidationError, _as_mistakes)
    app.add_exception_handler(Busy, _busy)
    app.add_exception_handler(sqlite3.OperationalError, _reader_gave_up)
    app.add_exception_handler(StoreError, _store_stopped)


async def _to_the_login(request: Request, err: Exception) -> Response:
    return RedirectResponse(login_address(request), 303)


def _say(status: int, detail: str, headers: Any = None) -> Response:
    return JSONResponse({"detail": detail}, status, headers=headers)


async def _as_said(request: Request, err: Exception) -> Response:
    assert isinstance(err, StarletteHTTPException)
    if _is_for_a_person(request):
        looks, actor = looks_of(request), actor_of(request)
        title = HTTPStatus(err.status_code).phrase
        page = looks.page("said.html", actor, title=title, why=str(err.detail))
        return HTMLResponse(page, err.status_code, err.headers)
    return _say(err.status_code, str(err.detail), err.headers)


def _is_for_a_person(request: Request) -> bool:
    html = "text/html" in request.headers.get("accept", "")
    return html and not request.url.path.startswith(("/api/", "/webhooks/"))


async def _as_mistakes(request: Request, err: Exception) -> Response:
    assert isinstance(err, RequestValidationError)
    found = [f"{_place(e['loc'])}: {e['msg']}" for e in err.errors()[:MISTAKES]]
    return _say(422, "; ".join(found))


def _place(loc: tuple[Any, ...]) -> str:
    return ".".join(str(part) for part in loc)[:200]


async def _busy(request: Request, err: Exception) -> Response:
    assert isinstance(err, Busy)
    return _say(503, str(err), {"retry-after": str(err.retry_after_s)})


async def _reader_gave_up(request: Request, err: Exception) -> Response:
    return _say(503, f"the database did not answer in time ({err})", {"retry-after": "1"})


async def _store_stopped(request: Request, err: Exception) -> Response:
    return _say(503, f"nothing is written any more: {err}", {"retry-after": "30"})
