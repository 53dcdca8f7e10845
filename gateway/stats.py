"""What the loop counts of itself."""

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.controller import Control
from gateway.inbox import Inbox


@dataclass(frozen=True, slots=True)
class Stats:
    """`gateway.context.Stats` of a running service."""

    control: Control
    inbox: Inbox

    def decision_ms(self) -> Mapping[str, float]:
        return self.control.decided.summary() if self.control.decided.count else {}

    def waiting(self) -> Mapping[str, int]:
        floor, host = self.inbox.depth
        return {"floor": floor, "host": host}
