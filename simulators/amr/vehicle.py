"""The vehicle itself: drives along its order, asks for its loads, lives on a battery. Pure: time is
given to it, what it wants of the world lies in `asks`.

Distances are metres, times simulated seconds, the battery's charge percent.
"""

import math
from collections import deque
from dataclasses import replace
from typing import Any, Literal

from simulators.amr.battery import Battery
from simulators.amr.order import (
    Action,
    Order,
    Rejected,
    Stop,
    action_of,
    check_actions,
    check_start,
    order_of,
)
from simulators.amr.work import NODE_ACTIONS, PICK, Doing, Fault, Handling, Status, waiting

SPEED_M_S = 1.2
HANDLING_S = 2.0
REMEMBERED = 100
"""Actions that are over, between orders."""


class Vehicle:
    def __init__(self, node: str, x: float, y: float, map_id: str) -> None:
        self.last_node, self.last_sequence = node, 0
        self.x, self.y, self.theta, self.map_id = x, y, 0.0, map_id
        self.order_id, self.order_update = "", 0
        self.ahead: deque[Stop] = deque()
        self.doing: dict[str, Doing] = {}
        self.errors: list[Fault] = []
        self.travelled_m = 0.0  # since the last node
        self.loads: list[str] = []
        self.battery, self.paused = Battery(), False
        self.asks: deque[Handling] = deque()
        self.said: deque[str] = deque()  # instant actions that ask for a message
        self._here: deque[str] = deque()  # actions to do before driving on
        self._handling_left_s: float | None = None
        self._cancelling: str | None = None

    # --- what it is ------------------------------------------------------------------------------

    @property
    def active(self) -> bool:
        return bool(self.ahead) or any(not one.over for one in self.doing.values())

    @property
    def driving(self) -> bool:
        return bool(self.ahead) and self.ahead[0].released and not self._here and not self.paused

    # --- what it is told -------------------------------------------------------------------------

    def offer(self, document: Any) -> None:
        """An order: taken, ignored as a resend, or answered by an error that names it."""
        named = document if isinstance(document, dict) else {}
        references = tuple(
            (key, str(named[key])) for key in ("orderId", "orderUpdateId") if key in named
        )
        try:
            self._take(order_of(named))
        except Rejected as no:
            self._report(Fault(no.kind, no.text, references))

    def instant(self, document: Any) -> None:
        """Instant actions, one after the other; an unknown one is answered by an error."""
        for one in document.get("actions", ()) if isinstance(document, dict) else ():
            try:
                action = action_of(one)
            except (KeyError, TypeError):
                self._report(Fault("validationError", "malformed instant action", ()))
                continue
            self._instant(action)

    def carries(self, load: str) -> None:
        """A carton is aboard, asked for or not: a reboot does not take it off."""
        if load not in self.loads:
            self.loads.append(load)

    def handled(self, load: str, ok: bool, text: str = "") -> None:
        """The world did, or could not do, what it was asked."""
        at_work = self.doing.get(self._here[0]) if self._here else None
        if at_work is None or at_work.status != "RUNNING" or at_work.load != load:
            return
        if ok and at_work.action.type == PICK:
            self.carries(load)
        elif ok and load in self.loads:
            self.loads.remove(load)
        self._end(at_work.action.id, "FINISHED" if ok else "FAILED", text)
        self._here.popleft()
        self._next_action()

    # --- time ------------------------------------------------------------------------------------

    def due_in(self) -> float | None:
        """Seconds until something changes by itself; None: never."""
        if self._handling_left_s is not None:
            return self._handling_left_s
        if self.driving:
            return self._metres_left() / SPEED_M_S
        return None if self.active else self.battery.due_in()

    def advance(self, seconds: float) -> float:
        """Lets time pass until the next change, at most `seconds`. Returns what is left of them."""
        due = self.due_in()
        spent = seconds if due is None else min(seconds, due)
        if self._handling_left_s is not None:
            self._handling_left_s -= spent
            if self._handling_left_s <= 0:
                self._ask_the_world()
        elif self.driving:
            self._drive(spent)
        self.battery.live(spent, active=self.active)
        return seconds - spent

    # --- orders ----------------------------------------------------------------------------------

    def _take(self, order: Order) -> None:
        if order.id == self.order_id:
            if order.update == self.order_update:
                return
            self._extend(order)
            return
        if self.active:
            raise Rejected("orderError", f"order {self.order_id} is active")
        check_actions(order, NODE_ACTIONS)
        check_start(order.stops[0], self.last_node, self.x, self.y)
        self.order_id, self.order_update = order.id, order.update
        self.battery.work()
        self.errors.clear()
        self.doing = waiting(order.stops)
        self.ahead = deque(order.stops)
        self._reached()

    def _extend(self, order: Order) -> None:
        """An update begins with the last released node, unchanged."""
        if order.update < self.order_update:
            raise Rejected("orderUpdateError", f"update {order.update} is older than ours")
        base = [stop for stop in self.ahead if stop.released]
        joint = (base[-1].node, base[-1].sequence) if base else (self.last_node, self.last_sequence)
        first = order.stops[0]
        if (first.node, first.sequence) != joint or self._cancelling:
            raise Rejected("orderUpdateError", f"update does not begin at {joint[0]}")
        check_actions(order, NODE_ACTIONS)
        self.order_update = order.update
        self.errors.clear()
        self.ahead = deque([*base, *order.stops[1:]])
        self.doing.update(waiting(order.stops[1:]))

    def _report(self, fault: Fault) -> None:
        if fault not in self.errors:
            self.errors.append(fault)

    # --- instant actions -------------------------------------------------------------------------

    def _instant(self, action: Action) -> None:
        if action.id in self.doing:
            return  # sent again
        match action.type:
            case "cancelOrder" if not self.active:
                text, about = "there is no order to cancel", (("actionId", action.id),)
                self._report(Fault("noOrderToCancel", text, about))
                self.doing[action.id] = Doing(action, "FAILED", text)
                return
            case "cancelOrder":
                self._cancel(action)
                return
            case "startPause" | "stopPause":
                self.paused = action.type == "startPause"
            case "stateRequest" | "factsheetRequest":
                self.said.append(action.type)
            case _:
                text, about = f"{action.type} is not known here", (("actionId", action.id),)
                self._report(Fault("instantActionError", text, about))
                return
        self.doing[action.id] = Doing(action, "FINISHED")
        self._forget()

    def _forget(self) -> None:
        """Of instant actions between orders the newest are remembered."""
        over = [key for key, one in self.doing.items() if one.over]
        for key in over[: max(0, len(self.doing) - REMEMBERED)]:
            del self.doing[key]

    def _cancel(self, action: Action) -> None:
        """Stops at the next node; what is running there ends first, what waits has failed."""
        self.doing[action.id] = Doing(action, "RUNNING")
        self._cancelling = action.id
        running = list(self._here)[:1] if self._handling() else []
        for one in list(self.doing.values()):
            if one.status == "WAITING":
                self._end(one.action.id, "FAILED", "cancelled")
        self._here = deque(running)
        self.ahead = deque(list(self.ahead)[:1] if not running and self._on_the_way() else [])
        self._end_cancelling()

    def _end_cancelling(self) -> None:
        if self._cancelling and not self.ahead and not self._here:
            self._end(self._cancelling, "FINISHED", "")
            self._cancelling = None

    # --- driving and handling --------------------------------------------------------------------

    def _on_the_way(self) -> bool:
        return bool(self.ahead) and self.travelled_m > 0

    def _metres_left(self) -> float:
        return math.dist((self.x, self.y), (self.ahead[0].x, self.ahead[0].y))

    def _drive(self, seconds: float) -> None:
        target, left_m = self.ahead[0], self._metres_left()
        step_m = min(SPEED_M_S * seconds, left_m)
        if left_m > 0:
            share = step_m / left_m
            self.theta = math.atan2(target.y - self.y, target.x - self.x)
            self.x += (target.x - self.x) * share
            self.y += (target.y - self.y) * share
        self.travelled_m += step_m
        self.battery.drive(step_m)
        if left_m - step_m < 1e-9:
            self._reached()

    def _reached(self) -> None:
        stop = self.ahead.popleft()
        self.last_node, self.last_sequence = stop.node, stop.sequence
        self.x, self.y, self.map_id, self.travelled_m = stop.x, stop.y, stop.map_id, 0.0
        todo = [a.id for a in stop.actions if self.doing[a.id].status == "WAITING"]
        self._here = deque(todo)
        self._next_action()

    def _next_action(self) -> None:
        if self._here:
            at_work = self.doing[self._here[0]]
            self.doing[self._here[0]] = replace(at_work, status="RUNNING")
            self._handling_left_s = HANDLING_S
        else:
            self._end_cancelling()

    def _handling(self) -> bool:
        return bool(self._here) and self.doing[self._here[0]].status == "RUNNING"

    def _ask_the_world(self) -> None:
        self._handling_left_s = None
        at_work = self.doing[self._here[0]]
        kind: Literal["pick", "drop"] = "pick" if at_work.action.type == PICK else "drop"
        self.asks.append(Handling(kind, at_work.load, self.last_node))

    def _end(self, action_id: str, status: Status, result: str) -> None:
        self.doing[action_id] = replace(self.doing[action_id], status=status, result=result)
