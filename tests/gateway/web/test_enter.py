"""Signing in, and what a cookie may do."""

import httpx
import pytest

from gateway.auth import SESSION
from tests.gateway.web.bench import Bench

OWN = {"origin": "http://wedge"}


async def entered(desk: Bench, web: httpx.AsyncClient) -> httpx.Response:
    token = desk.gateway.auth.add_token("visitor", "operator")
    return await web.get("/enter", params={"token": token})


async def test_the_printed_address_signs_in_and_leaves_the_address_bar(
    desk: Bench, web: httpx.AsyncClient
) -> None:
    await desk.site()
    answer = await entered(desk, web)
    assert answer.status_code == 303 and answer.headers["location"] == "/"
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=strict" in cookie
    assert (await web.get("/")).status_code == 200
    assert (await web.get("/enter?token=wrong")).status_code == 401


async def test_a_cookie_acts_only_from_our_own_pages(desk: Bench, web: httpx.AsyncClient) -> None:
    await entered(desk, web)
    body = {"location": "A-01-1", "sku": "SKU-001", "qty": 1}
    for headers in (
        {},
        {"origin": "http://evil.example"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ):
        assert (await web.post("/api/counts", json=body, headers=headers)).status_code == 401
    assert desk.asked == []
    assert (await web.post("/api/counts", json=body, headers=OWN)).status_code == 200


async def test_a_session_ends_by_itself(desk: Bench, web: httpx.AsyncClient) -> None:
    await entered(desk, web)
    desk.now.later(SESSION.total_seconds() + 1)
    assert (await web.get("/")).status_code == 303


async def test_a_person_signs_in_and_comes_back_to_the_page(
    desk: Bench, web: httpx.AsyncClient
) -> None:
    desk.gateway.auth.add_person("anna", "operator", "correct horse")
    turned_away = await web.get("/work/PICK-A?x=1")
    assert turned_away.headers["location"] == "/login?next=/work/PICK-A%3Fx%3D1"
    form = {"name": "anna", "password": "correct horse", "next": "/work/PICK-A"}
    answer = await web.post("/login", data=form, headers=OWN)
    assert answer.status_code == 303 and answer.headers["location"] == "/work/PICK-A"
    assert (await web.post("/logout", headers=OWN)).headers["location"] == "/login"
    assert (await web.get("/")).status_code == 303


async def test_a_wrong_password_is_said_and_counted(desk: Bench, web: httpx.AsyncClient) -> None:
    desk.gateway.auth.add_person("anna", "operator", "correct horse")
    wrong = {"name": "anna", "password": "battery", "next": "/"}
    for _ in range(5):
        assert (await web.post("/login", data=wrong, headers=OWN)).status_code == 401
    right = {**wrong, "password": "correct horse"}
    locked = await web.post("/login", data=right, headers=OWN)
    assert locked.status_code == 401 and "too many wrong passwords" in locked.text
    desk.now.later(31)
    assert (await web.post("/login", data=right, headers=OWN)).status_code == 303


@pytest.mark.parametrize("after", ["https://evil.example", "//evil.example", "/\\evil", "evil"])
async def test_nobody_is_sent_to_another_host(
    desk: Bench, web: httpx.AsyncClient, after: str
) -> None:
    desk.gateway.auth.add_person("anna", "viewer", "correct horse")
    form = {"name": "anna", "password": "correct horse", "next": after}
    assert (await web.post("/login", data=form, headers=OWN)).headers["location"] == "/"


async def test_a_strange_page_cannot_sign_us_in(web: httpx.AsyncClient) -> None:
    form = {"name": "a", "password": "b"}
    answer = await web.post("/login", data=form, headers={"origin": "http://evil.example"})
    assert answer.status_code == 403
