"""Alarms and conditions of an OPC UA server (OPC 10000-9): active, acknowledged, in its own words;
asked for anew after every gap, acknowledged by a person."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from asyncua import ua
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.object_ids import ObjectIds
from asyncua.ua.status_codes import StatusCodes

from devices.device import Clock
from devices.errors import Refused
from devices.map.schema import NodeTag
from devices.tags import opcua_words as words
from devices.tags.opcua_session import Line
from devices.tags.opcua_watch import Item
from devices.tags.port import Denied
from devices.tags.value import Value

QUEUE: Final = 1000
FIELDS: Final[tuple[tuple[int, str], ...]] = (
    (ObjectIds.ConditionType, ""),  # the condition's own node id
    (ObjectIds.BaseEventType, "EventId"),
    (ObjectIds.BaseEventType, "EventType"),
    (ObjectIds.BaseEventType, "SourceNode"),
    (ObjectIds.BaseEventType, "Time"),
    (ObjectIds.BaseEventType, "Message"),
    (ObjectIds.BaseEventType, "Severity"),
    (ObjectIds.ConditionType, "BranchId"),
    (ObjectIds.ConditionType, "Retain"),
    (ObjectIds.AcknowledgeableConditionType, "AckedState/Id"),
    (ObjectIds.AlarmConditionType, "ActiveState/Id"),
)
NAMES: Final = ("Condition", *(name for _, name in FIELDS[1:]))


@dataclass(frozen=True, slots=True)
class Condition:
    """`tag` is the map's tag with this alarm; `severity` 1..1000 as the server says it."""

    tag: str
    active: bool
    acked: bool
    text: str
    severity: int
    priority: str
    since: datetime | None
    """The server's own time of it."""
    event: bytes = b""

    @property
    def state(self) -> str:
        active = "active" if self.active else "over"
        return active if self.acked else f"{active}, not acknowledged"


class Conditions:
    """The alarms of one device's tags. changed: told each that is new or different."""

    def __init__(
        self,
        line: Line,
        tags: Mapping[str, NodeTag],
        clock: Clock,
        changed: Callable[[Condition], None],
    ) -> None:
        self._line, self._clock, self._changed = line, clock, changed
        self._priority = {
            name: tag.alarm.priority
            for name, tag in tags.items()
            if tag.alarm is not None and tag.alarm.source == "opcua-condition"
        }
        self._by_node = {
            line.node(tag.alarm.node): name
            for name, tag in tags.items()
            if name in self._priority and tag.alarm is not None and tag.alarm.node is not None
        }
        self._nodes = {name: node for node, name in self._by_node.items()}
        self._known: dict[str, Condition] = {}
        self._refreshed: set[str] | None = None

    def items(self) -> list[Item]:
        """One for all: conditions report through the server's own object."""
        if not self._by_node:
            return []
        server = ua.NodeId(ObjectIds.Server)  # type: ignore[arg-type]
        return [Item("conditions", server, self.told, queue=QUEUE, filter=_filter())]

    def known(self) -> dict[str, Condition]:
        return dict(self._known)

    def view(self) -> dict[str, Value]:
        """`jam.alarm` beside `jam`: its state, the words and the severity in the reason."""
        now = self._clock.now()
        return {
            f"{name}.alarm": Value(one.state, now, reason=f"{one.text} (severity {one.severity})")
            for name, one in self._known.items()
        }

    async def refresh(self, subscription: int) -> None:
        """The server tells all that it retains once more; what it does not tell is over."""
        if not self._by_node:
            return
        self._refreshed = None
        ask = ua.CallMethodRequest()
        ask.ObjectId = ua.NodeId(ObjectIds.ConditionType)  # type: ignore[arg-type]
        ask.MethodId = ua.NodeId(ObjectIds.ConditionType_ConditionRefresh)  # type: ignore[arg-type]
        ask.InputArguments = [ua.Variant(subscription, ua.VariantType.UInt32)]
        await self._line.ask(self._line.services.call([ask]))

    def told(self, said: Sequence[ua.Variant]) -> None:
        fields = dict(zip(NAMES, (one.Value for one in said), strict=False))
        match fields.get("EventType"):
            case ua.NodeId(Identifier=ObjectIds.RefreshStartEventType):
                self._refreshed = set()
            case ua.NodeId(Identifier=ObjectIds.RefreshEndEventType):
                self._forget_others()
            case _:
                self._take(fields)

    def _take(self, fields: Mapping[str, Any]) -> None:
        name = self._by_node.get(fields["Condition"]) or self._by_node.get(fields["SourceNode"])
        branch = fields.get("BranchId")
        if name is None or fields.get("Retain") is None:
            return  # not ours, or no condition: audits of one carry its node as their source
        if branch is not None and not branch.is_null():
            return  # of the past
        if self._refreshed is not None:
            self._refreshed.add(name)
        message, severity = fields.get("Message"), fields.get("Severity")
        self._put(
            Condition(
                tag=name,
                active=fields.get("ActiveState/Id") is True,
                acked=fields.get("AckedState/Id") is not False,
                text=message.Text or "" if isinstance(message, ua.LocalizedText) else str(message),
                severity=severity if isinstance(severity, int) else 0,
                priority=self._priority[name],
                since=fields.get("Time"),
                event=fields.get("EventId") or b"",
            )
        )

    def _forget_others(self) -> None:
        """Conditions that the server no longer retains are over, and nobody needs to acknowledge
        them."""
        told, self._refreshed = self._refreshed or set(), None
        for name, one in list(self._known.items()):
            if name not in told and (one.active or not one.acked):
                self._put(
                    Condition(
                        name,
                        False,
                        True,
                        one.text,
                        one.severity,
                        one.priority,
                        one.since,
                        one.event,
                    )
                )

    def _put(self, fresh: Condition) -> None:
        if self._known.get(fresh.tag) != fresh:
            self._known[fresh.tag] = fresh
            self._changed(fresh)

    async def acknowledge(self, name: str, comment: str) -> None:
        """By a person, with what they say of it. Raises Refused, Denied, NoReply, Unreachable."""
        known = self._known.get(name)
        if known is None or not known.event:
            raise Refused(self._line.device, f"{name} has no alarm to acknowledge")
        ask = ua.CallMethodRequest()
        ask.ObjectId = self._nodes[name]
        acknowledge = ObjectIds.AcknowledgeableConditionType_Acknowledge
        ask.MethodId = ua.NodeId(acknowledge)  # type: ignore[arg-type]
        ask.InputArguments = [
            ua.Variant(known.event, ua.VariantType.ByteString),
            ua.Variant(ua.LocalizedText(comment), ua.VariantType.LocalizedText),
        ]
        (result,) = await self._line.ask(self._line.services.call([ask]))
        code = result.StatusCode.value
        if not result.StatusCode.is_good() and code != StatusCodes.BadConditionBranchAlreadyAcked:
            raise Denied(self._line.device, f"{name}: {words.of(code)}", code)


def _filter() -> ua.EventFilter:
    made = ua.EventFilter()
    made.SelectClauses = [_clause(type, path) for type, path in FIELDS]
    return made


def _clause(type: int, path: str) -> ua.SimpleAttributeOperand:
    made = ua.SimpleAttributeOperand()
    made.TypeDefinitionId = ua.NodeId(type)  # type: ignore[arg-type]
    made.BrowsePath = [ua.QualifiedName(part, 0) for part in path.split("/") if part]
    made.AttributeId = AttributeIds.Value if path else AttributeIds.NodeId
    return made
