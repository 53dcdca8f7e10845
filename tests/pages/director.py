"""A director and a shop of a simulated world that say what a test wants and note what was asked."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

from gateway.settings import Simulated
from tests.pages.conftest import bound


class World:
    """`asked`: (path, body) of every act. `witness`: the answer of the witnesses."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Any]] = []
        self.faults: list[dict[str, Any]] = []
        self.witness: dict[str, Any] | None = None
        self.orders = 9000
        self.url = ""

    @property
    def simulated(self) -> Simulated:
        return Simulated(speed=10.0, seed=7, control=self.url, control_token="let me in")

    def app(self) -> FastAPI:
        made = FastAPI()
        made.add_api_route("/{path:path}", self._answer, methods=["GET", "POST"])
        return made

    async def _answer(self, path: str, request: Request) -> Response:
        if request.headers.get("authorization") != "Bearer let me in":
            return JSONResponse({"error": "wrong or missing control token"}, 401)
        if request.method == "POST":
            self.asked.append((path, await request.json()))
        match path.split("/"):
            case ["faults"]:
                can = {"print1": ["unplug", "paper_out"], "gateway": ["kill"], "shop": ["500"]}
                return JSONResponse({"faults": self.faults, "can": can, "plan": [], "pressed": 0})
            case ["witness"]:
                return JSONResponse(self.witness, 200 if self.witness else 503)
            case ["play", "order"]:
                self.orders += 1
                return JSONResponse({"number": str(self.orders)}, 201)
            case ["break", what]:
                self.faults.append(_fault(what))
                return JSONResponse({"what": what}, 202)
            case ["play", "press"]:
                return JSONResponse({"error": "A-04 is dark"}, 422)
            case _:
                return JSONResponse({}, 200)


def _fault(what: str) -> dict[str, Any]:
    return {
        "what": what,
        "by": "visitor",
        "text": f"the plug of {what} was pulled",
        "meanwhile": "its cartons get no label and come to the hospital lane",
        "started": "2026-11-21T10:00:00.000Z",
        "over": None,
        "healed_at": None,
        "healed": "",
    }


@asynccontextmanager
async def directed() -> AsyncIterator[World]:
    world, sock = World(), bound()
    world.url = f"http://127.0.0.1:{sock.getsockname()[1]}"
    server = uvicorn.Server(uvicorn.Config(world.app(), log_level="error", lifespan="off"))
    task = asyncio.create_task(server.serve([sock]))
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield world
    finally:
        server.should_exit = True
        await task
        sock.close()
