"""Signing in: by the address that `wedge run` prints, or by name and password."""

from typing import Annotated, Final
from urllib.parse import parse_qs, quote

from fastapi import APIRouter, HTTPException, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.concurrency import run_in_threadpool

from gateway.auth import SESSION, Actor, AuthError
from gateway.context import Gateway
from gateway.web.guard import COOKIE, Site, actor_of, is_own_page
from gateway.web.parts import Shown

router = APIRouter(include_in_schema=False)
HOME: Final = "/"
Token = Annotated[str, Query(min_length=1, max_length=200)]


@router.get("/enter")
def enter(token: Token, site: Site, request: Request) -> Response:
    """A token becomes a session, and leaves the address bar."""
    actor = site.auth.by_token(token)
    if actor is None:
        raise HTTPException(401, "this address is no longer valid; `wedge run` prints a new one")
    return _signed_in(site, actor, request, HOME)


@router.get("/login")
def login(
    shown: Shown, after: Annotated[str, Query(max_length=500, alias="next")] = HOME
) -> Response:
    return HTMLResponse(shown.page("login.html", None, after=_inside(after), why=""))


@router.post("/login")
async def sign_in(request: Request, site: Site, shown: Shown) -> Response:
    if not is_own_page(request):
        raise HTTPException(403, "sign in on this gateway's own page")
    fields = parse_qs((await request.body()).decode("utf-8", "replace"), keep_blank_values=True)
    name, password, after = (fields.get(key, [""])[0] for key in ("name", "password", "next"))
    try:
        actor = await run_in_threadpool(site.auth.by_password, name[:64], password[:1000])
    except AuthError as err:
        page = shown.page("login.html", None, after=_inside(after), why=str(err))
        return HTMLResponse(page, 401)
    return _signed_in(site, actor, request, _inside(after))


@router.post("/logout")
def sign_out(request: Request) -> Response:
    if actor_of(request) is None:
        return RedirectResponse("/login", 303)
    answer = RedirectResponse("/login", 303)
    answer.delete_cookie(COOKIE)
    return answer


def _signed_in(site: Gateway, actor: Actor, request: Request, after: str) -> Response:
    answer = RedirectResponse(after, 303)
    answer.set_cookie(
        COOKIE,
        site.auth.session(actor),
        max_age=int(SESSION.total_seconds()),
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return answer


def _inside(path: str) -> str:
    """Only to our own pages: never to another host."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) else HOME


def login_address(request: Request) -> str:
    path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return f"/login?next={quote(path)}"
