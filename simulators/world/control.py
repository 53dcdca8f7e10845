"""What one may ask the world from outside: its books, faults on demand, hands that interfere.

    books                                    -> see `Books`
    state                                    -> {now, lamps, places: {place: [lpn]}}
    fault   {device, fault, on}              a device's fault, told to its simulator
            {lane, fault: "jam"|"full", on}  a lane of the sorter
    depart                                   -> {left}: trucks leave with what stands at the doors
    move    {lpn, to}                        to `lane:1`, `merge:2`, `eye`, `rack`, `hospital`
    hide    {lpn, for_ever}                  under a conveyor, or gone
    place   {to, count}                      -> {lpns}: empty cartons from the stack
    press   {light, button, qty}             somebody presses; at a lit lamp, for the picker
    trigger {device, code}                   somebody scans a code with that hand scanner
    set     {device, tag, value}             a value of an io device
    raise   {device, shake, data}            an event of an io device

What cannot be done is answered by `{"refused": why}`.
"""

from collections.abc import Callable
from typing import Any

from simulators.bus import Message
from simulators.world.books import books
from simulators.world.desk import GONE, HIDDEN
from simulators.world.goods import Carton
from simulators.world.handover import HANDS
from simulators.world.hospital import HERE
from simulators.world.world import World

Answer = dict[str, Any]
IN_HAND = (HANDS, HERE, "folded", "stack")


class Control:
    def __init__(self, world: World) -> None:
        self._world = world
        self._can: dict[str, Callable[[Message], Answer]] = {
            "books": lambda _: books(world),
            "state": self._state,
            "fault": self._fault,
            "depart": lambda _: {"left": world.dock.depart()},
            "move": self._move,
            "hide": self._hide,
            "place": self._place,
            "press": self._press,
            "trigger": self._trigger,
            "set": self._told("set", "tag", "value"),
            "raise": self._told("raise", "shake", "data"),
        }

    def answer(self, ask: Message) -> Answer:
        can = self._can.get(ask["ask"])
        if can is None:
            return {"refused": f"nobody knows {ask['ask']!r}; known: {', '.join(self._can)}"}
        try:
            return can(ask)
        except KeyError as missing:
            return {"refused": f"there is no {missing}"}
        except LookupError as why:
            return {"refused": str(why)}

    def _state(self, ask: Message) -> Answer:
        world, places = self._world, dict[str, list[str]]()
        for carton in world.goods.cartons.values():
            places.setdefault(carton.place, []).append(carton.lpn)
        lamps = {name: lamp.text or lamp.qty for name, lamp in world.lamps.shown.items() if lamp.on}
        return {"now": world.stage.now, "lamps": lamps, "places": places}

    def _told(self, what: str, *fields: str) -> Callable[[Message], Answer]:
        def tell(ask: Message) -> Answer:
            self._world.scene.tell(ask["device"], what, **{name: ask[name] for name in fields})
            return {}

        return tell

    def _fault(self, ask: Message) -> Answer:
        name, on = ask["fault"], bool(ask["on"])
        if "lane" not in ask:
            self._world.fault(ask["device"], name, on)
            return {}
        lane = self._world.lanes.lanes[str(ask["lane"])]
        if name == "jam":
            lane.jam = on
        else:
            lane.held_full = on
        self._world.scene.saw("fault", lane=lane.name, fault=name, on=on)
        self._world.lanes.changed()
        return {}

    def _move(self, ask: Message) -> Answer:
        carton, world = self._within_reach(ask["lpn"]), self._world
        put = self._putter(ask["to"])
        world.scene.saw("moved by hand", carton, found=carton.place, to=ask["to"])
        world.lift(carton)
        put(carton)
        return {}

    def _within_reach(self, lpn: str) -> Carton:
        carton = self._world.goods.cartons[lpn]
        if carton.place in IN_HAND or carton.place.startswith("truck:"):
            raise LookupError(f"{lpn} cannot be taken: it is in {carton.place}")
        return carton

    def _putter(self, to: str) -> Callable[[Carton], None]:
        kind, _, name = to.partition(":")
        world = self._world
        match kind:
            case "lane" if name in world.lanes.lanes:
                return lambda carton: world.lanes.enter(carton, name)
            case "merge" if name in world.infeed.lanes:
                return lambda carton: world.infeed.put(carton, name)
            case "eye":
                return world.loop.join
            case "rack":
                return world.rack.put
            case "hospital":
                return world.worker.bring
            case _:
                raise KeyError(f"place {to}")

    def _hide(self, ask: Message) -> Answer:
        carton = self._within_reach(ask["lpn"])
        self._world.scene.saw("hidden", carton, found=carton.place)
        self._world.lift(carton)
        self._world.scene.put(carton, GONE if ask.get("for_ever") else HIDDEN)
        return {}

    def _place(self, ask: Message) -> Answer:
        put, lpns = self._putter(ask["to"]), []
        for _ in range(int(ask.get("count", 1))):
            carton = self._world.goods.empty_carton()
            put(carton)
            lpns.append(carton.lpn)
        return {"lpns": lpns}

    def _press(self, ask: Message) -> Answer:
        light, world = ask["light"], self._world
        lamp, qty = world.lamps.at(light), ask.get("qty") or 0
        if lamp.on and light in world.given.stations.location_of:
            world.picker.helped(light, qty if ask.get("button") == "short" else lamp.qty)
        else:
            lights = world.given.stations.lights
            pressed = {"light": light, "button": ask.get("button", "confirm")}
            world.scene.tell(lights, "press", **pressed, qty=qty)
        return {}

    def _trigger(self, ask: Message) -> Answer:
        self._world.scene.tell(ask["device"], "trigger", code=ask["code"])
        return {}
