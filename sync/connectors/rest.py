"""HTTP with the failures translated: the only file that knows httpx."""

import json
from collections.abc import Mapping
from typing import Any

import httpx

from sync.connectors.port import Later, Rejected, Unknown

TIMEOUT_S = httpx.Timeout(5.0, connect=2.0)
LIMITS = httpx.Limits(max_connections=8, max_keepalive_connections=8)


class Rest:
    """One host's base address and bearer token. The token is never part of an error or a log."""

    def __init__(self, host: str, url: str, token: str) -> None:
        self._host = host
        self._client = httpx.AsyncClient(
            base_url=url,
            headers={"Authorization": f"Bearer {token}"},
            timeout=TIMEOUT_S,
            limits=LIMITS,
            trust_env=False,
        )

    async def call(
        self,
        method: str,
        path: str,
        *,
        body: Mapping[str, Any] | None = None,
        key: str | None = None,
        params: Mapping[str, str | int] | None = None,
    ) -> Any:
        """The answer's JSON. Raises Later, Unknown or Rejected, each in words for a person."""
        headers = {"Idempotency-Key": key} if key else {}
        try:
            answer = await self._client.request(
                method, path, json=body, headers=headers, params=params
            )
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as err:
            raise Later(f"{self._host} cannot be reached") from err
        except httpx.HTTPError as err:
            raise Unknown(f"{self._host} did not answer ({type(err).__name__})") from err
        return self._read(answer)

    def _read(self, answer: httpx.Response) -> Any:
        if answer.status_code in (429, 503):
            raise Later(f"{self._host} is busy ({answer.status_code})", _retry_after(answer))
        if answer.status_code >= 500:
            raise Unknown(f"{self._host} failed with {answer.status_code}")
        if answer.status_code == 401:
            raise Later(f"{self._host} refuses our credential; check its secret", 30.0)
        if answer.status_code >= 400:
            words = answer.text[:200]
            raise Rejected(f"{self._host} said no with {answer.status_code}: {words}")
        try:
            return answer.json()
        except ValueError as err:
            raise Unknown(f"{self._host} answered {answer.status_code} without JSON") from err

    async def close(self) -> None:
        await self._client.aclose()


def _retry_after(answer: httpx.Response) -> float | None:
    value = answer.headers.get("Retry-After", "")
    return float(value) if value.isdigit() else None


def receipt_of(answer: object) -> str:
    """What the host said, as it said it; at most 500 characters."""
    return json.dumps(answer, ensure_ascii=False)[:500]
