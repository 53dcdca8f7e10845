"""The demo's control side, asked from here: what the witnesses say, what can be broken and played.
A real site has none; its pages then show our own side alone."""

from collections.abc import Mapping
from typing import Any, Final

import httpx

from gateway.settings import Simulated

WITHIN_S: Final = 5.0


class NoDirector(Exception):
    """It did not answer, or refused; the words are for the visitor."""


class Director:
    def __init__(self, simulated: Simulated) -> None:
        self._url = simulated.control
        self._headers = {"authorization": f"Bearer {simulated.control_token}"}

    async def get(self, path: str) -> dict[str, Any]:
        return await self._call("GET", path)

    async def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        return await self._call("POST", path, body)

    async def _call(
        self, method: str, path: str, body: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Raises NoDirector."""
        try:
            async with httpx.AsyncClient(timeout=WITHIN_S, trust_env=False) as client:
                answer = await client.request(
                    method, self._url + path, json=body, headers=self._headers
                )
                said = answer.json() if answer.content else {}
        except (httpx.HTTPError, ValueError) as err:
            raise NoDirector(f"the simulated world does not answer ({type(err).__name__})") from err
        if not isinstance(said, dict):
            said = {}
        if answer.is_error:
            raise NoDirector(str(said.get("error", f"it answered {answer.status_code}")))
        return said
