"""The staff's phones: carry what people of the world ask to the gateway's work pages, over HTTP.

The device token comes from the environment (DEVICE_TOKEN) or `--token`. A gateway that does not
answer is answered for by status 0: people try again by themselves.
"""

import asyncio
import json
import logging
import os
from typing import Any, Final

import httpx

from simulators.bus import BusClient, Message
from simulators.process import Place, parser, place, ready, run

ANSWER_WITHIN_S: Final = 10.0
DEVICE_TOKEN: Final = "DEVICE_TOKEN"


class Phones:
    def __init__(self, world: BusClient, gateway: httpx.AsyncClient) -> None:
        self._world, self._gateway = world, gateway
        self._calls: set[asyncio.Task[None]] = set()

    def heard(self, fact: Message) -> None:
        if fact["fact"] == "ask":
            call = asyncio.create_task(self._call(fact))
            self._calls.add(call)
            call.add_done_callback(self._calls.discard)

    async def _call(self, ask: Message) -> None:
        status, body = await self._answer(ask)
        self._world.act("answer", n=ask["n"], status=status, body=body)

    async def _answer(self, ask: Message) -> tuple[int, dict[str, Any]]:
        headers = {"Idempotency-Key": ask["key"]} if ask["key"] else {}
        try:
            answer = await self._gateway.request(
                ask["method"], ask["path"], json=ask["body"], headers=headers
            )
            body = answer.json()
        except (httpx.HTTPError, json.JSONDecodeError):
            return 0, {}
        return answer.status_code, body if isinstance(body, dict) else {}


async def main(site: Place, gateway: str, token: str) -> None:
    assert site.world is not None
    world = BusClient(site.world, site.id)
    bearer = {"Authorization": f"Bearer {token}"} if token else {}
    async with httpx.AsyncClient(
        base_url=gateway, headers=bearer, timeout=ANSWER_WITHIN_S, trust_env=False
    ) as client:
        ready(site.id, {})
        await world.run(Phones(world, client).heard)


if __name__ == "__main__":
    logging.getLogger("httpx").setLevel(logging.WARNING)
    arguments = parser(__doc__ or "")
    arguments.add_argument("--gateway", required=True, help="URL of the gateway")
    arguments.add_argument("--token", default=os.environ.get(DEVICE_TOKEN, ""))
    parsed = arguments.parse_args()
    site = place(parsed)
    run(lambda: main(site, parsed.gateway, parsed.token))
