"""The demo carrier (docs/wires.md section 10): a second request is a second paid label, so an
unknown outcome is asked for by reference before anything is sent again."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any

from sync.connectors.port import Capabilities, Delivered, Outgoing, Rejected
from sync.connectors.rest import Rest
from wcs.events import LabelRequested
from wcs.messages import loads
from wcs.observations import LabelIssued, LabelRefused

Address = Callable[[str], Awaitable[dict[str, Any]]]
"""Customer key -> name and address, kept beside the journal."""


class DemoCarrier:
    capabilities = Capabilities(idempotency="none")

    def __init__(self, rest: Rest, address: Address, now: Callable[[], datetime]) -> None:
        self._rest, self._address, self._now = rest, address, now

    async def deliver(self, batch: Sequence[Outgoing]) -> Sequence[Delivered]:
        (message,) = batch
        asked: LabelRequested = loads("LabelRequested", message.body)
        ship_to = await self._address(asked.customer) if asked.customer else {}
        body = {
            "reference": asked.lpn,
            "carrier": asked.carrier,
            "service": asked.service,
            "weight_g": asked.weight_g,
            "ship_to": ship_to,
        }
        try:
            return [self._issued(asked, await self._rest.call("POST", "/labels", body=body))]
        except Rejected as err:
            refused = LabelRefused(
                lpn=asked.lpn, carrier=asked.carrier, reason=str(err), at=self._now()
            )
            return [Delivered(str(err), (refused,))]

    async def find(self, message: Outgoing) -> Delivered | None:
        asked: LabelRequested = loads("LabelRequested", message.body)
        answer = await self._rest.call("GET", "/labels", params={"reference": asked.lpn})
        labels = answer["labels"]
        return self._issued(asked, labels[0]) if labels else None

    def _issued(self, asked: LabelRequested, label: dict[str, Any]) -> Delivered:
        issued = LabelIssued(
            lpn=asked.lpn,
            carrier=asked.carrier,
            tracking=label["tracking"],
            zpl=label["zpl"],
            at=self._now(),
        )
        return Delivered(label["tracking"], (issued,))
