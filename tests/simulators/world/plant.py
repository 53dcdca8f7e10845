"""Equipment and a gateway as thin as can be around the world, all in the world's own time.

It decides as the real ones do where the world can see it, and nothing more.
"""

from collections import Counter, deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from devices.map.load import load_map
from simulators.bus import Message
from simulators.plc.bank import bank_of
from simulators.plc.logic import Logic
from simulators.story import Story, plan
from simulators.world.config import Given, given
from simulators.world.stage import Answer, Ask
from simulators.world.world import World

DEMO = Path(__file__).parents[3] / "config" / "demo"
GIVEN: Given = given(DEMO)
MAP = load_map(DEMO)
WIRE_S = 0.002
LIGHT = {place: light for light, place in GIVEN.stations.location_of.items()}

Lines = list[tuple[str, str, int]]
"""Location, SKU, pieces."""


@dataclass
class Order:
    lines: Lines
    number: int
    lpn: str = ""
    got: Counter[str] = field(default_factory=Counter)


class Plant:
    def __init__(
        self, orders: list[Lines], story: Story | None = None, speed: float = 20.0
    ) -> None:
        self.story = story or plan(7, 0)
        self.told: list[tuple[float, str, Message]] = []
        self.said: list[Ask] = []
        self.errands: dict[str, list[dict[str, Any]]] = {"DESK": [], "HOSPITAL": []}
        self.away: set[str] = set()
        self.answers: dict[str, Answer] = {}
        self.lamp_lost = False
        self.world = World(GIVEN, self.story, speed, self._tell, self._phone)
        self.waiting = deque(Order(list(lines), n) for n, lines in enumerate(orders, 1))
        self.picking: Order | None = None
        self.bound: dict[str, Order] = {}
        self.accepted: set[str] = set()
        self._merge: dict[str, int] = {}
        self._clear = False
        self._at_pack: list[str] = []
        self.power_plc()
        for device in ("ptl_a", "merge1", "amr1"):
            self.hello(device)
        self._beat()
        self._next_order()

    # --- time ---

    def run(self, seconds: float) -> None:
        self.world.stage.run_until(self.world.stage.now + seconds)

    def until(self, true: Any, at_most_s: float = 600.0) -> None:
        """Event by event; conservation is checked at every one of them."""
        stage = self.world.stage
        end = stage.now + at_most_s
        while not true():
            assert stage.next_at is not None and stage.next_at < end, self.places()
            stage.run_until(stage.next_at)
            assert self.world.goods.pieces() == self.world.goods.initial

    def places(self) -> dict[str, str]:
        return {lpn: carton.place for lpn, carton in self.world.goods.cartons.items()}

    def saw(self, what: str) -> list[dict[str, Any]]:
        return [row for row in self.world.witness.log if row["saw"] == what]

    def act(self, device: str, act: str, **what: Any) -> None:
        later = {"act": act, **what}
        self.world.stage.after(WIRE_S, lambda: self.world.acted(device, later))

    def hello(self, device: str) -> None:
        for message in list(self.world.arrived(device)):
            self._tell(device, message)

    # --- equipment ---

    def power_plc(self) -> None:
        self.bank = bank_of(MAP, "sorter1")
        self.logic = Logic(self.bank, self._plc_act, self.world.stage.now)
        self._seq = 0
        self.hello("sorter1")

    def _plc_act(self, act: str, **what: Any) -> None:
        self.act("sorter1", act, **what)

    def _beat(self) -> None:
        if "gateway" not in self.away:
            self.bank.put("gw_beat", self.bank.get("gw_beat") + 1 & 0xFFFF)
            self.bank.put("ind_ack", self.bank.get("ind_seq"))
            self.bank.put("cfm_ack", self.bank.get("cfm_seq"))
        self.logic.scan(self.world.stage.now)
        self.world.stage.after(0.02, self._beat)

    def _tell(self, device: str, message: Message) -> None:
        stage = self.world.stage if hasattr(self, "world") else None
        if stage is None or device in self.away:
            return
        self.told.append((stage.now, device, message))
        stage.after(WIRE_S, lambda: self._hears(device, message))

    def _hears(self, device: str, message: Message) -> None:
        match device, message:
            case "ptl_a", {"fact": "press", "light": light, "qty": qty}:
                self._pressed(light, qty)
            case "hand1", {"fact": "trigger", "code": code}:
                self._bind(code)
            case "hand2", {"fact": "trigger", "code": code}:
                self._in_hospital(code)
                self.act("hand2", "tone", good=True)
            case "amr1", {"fact": "amr_loaded", "lpns": lpns}:
                self.act("amr1", "amr_drop", vehicle="amr1", lpns=lpns)
            case "merge1", {"fact": "infeed", "lane": lane, "waiting": waiting}:
                self._merge[lane] = waiting
                self._release()
            case "merge1", {"fact": "clear", "clear": clear}:
                self._clear = clear
                self._release()
            case "scan_pack1", {"codes": codes}:
                self._at_pack = codes
                if not self._plates(codes):
                    self._print("print1", ["EXCEPTION"], [])
            case "scale1", {"grams": grams}:
                self._weighed(grams)
            case "tunnel1", {"codes": codes, "trigger": trigger}:
                self._route(codes, trigger)
            case "sorter1", fact:
                self._plc_hears(fact)
            case _:
                pass  # nobody listens

    def _plc_hears(self, fact: Message) -> None:
        now = self.world.stage.now
        match fact:
            case {"fact": "eye", "body": body, "length_mm": length}:
                self.logic.eye(body, length, now)
            case {"fact": "blade", "body": body, "track": track}:
                self.logic.blade(body, track, now)
            case {"fact": "diverted", "body": body, "lane": lane}:
                self.logic.diverted(body, lane)
            case {"fact": "lane", "lane": lane, "full": full, "jam": jam}:
                self.logic.lane(lane, full, jam)
            case _:
                pass

    def _release(self) -> None:
        lanes = [lane for lane, waiting in sorted(self._merge.items()) if waiting]
        if self._clear and lanes:
            self._clear = False
            self.act("merge1", "release", lane=lanes[-1])

    def _print(self, printer: str, fields: list[str], codes: list[str]) -> None:
        exception = "EXCEPTION" in fields
        self.act(printer, "label", fields=fields, codes=codes, exception=exception)

    # --- a gateway ---

    def _next_order(self) -> None:
        if self.picking is None and self.waiting:
            self.picking = self.waiting.popleft()
            self.lamp("A-00", task=f"{self.picking.number}", text="SCAN CARTON")

    def lamp(self, light: str, task: str | None, qty: int = 0, text: str = "") -> None:
        if self.lamp_lost:
            return
        on = task is not None
        flash = on and light != "A-00"
        self.act("ptl_a", "lamp", light=light, on=on, task=task, qty=qty, text=text, flash=flash)

    def _bind(self, code: str) -> None:
        order = self.picking
        if "gateway" in self.away or order is None:
            return
        good = not order.lpn or order.lpn == code
        self.act("hand1", "tone", good=good)
        if good:
            order.lpn, self.bound[code] = code, order
            self.lamp("A-00", task=f"{order.number}", text=code)
            self.light_up(order)

    def light_up(self, order: Order) -> None:
        for n, (location, _, qty) in enumerate(order.lines):
            self.lamp(LIGHT[location], f"{order.number}.{n}", qty)

    def _pressed(self, light: str, qty: int) -> None:
        order = self.picking
        place = GIVEN.stations.location_of[light]
        line = next((each for each in order.lines if each[0] == place), None) if order else None
        if order is None or line is None or "gateway" in self.away:
            return
        order.lines.remove(line)
        order.got[line[1]] += qty
        self.lamp(light, None)
        if not order.lines:
            self.finish(order)

    def finish(self, order: Order) -> None:
        self.lamp("A-00", None)
        self.picking = None
        self._next_order()
        self.act("amr1", "amr_pick", vehicle="amr1", lpns=[order.lpn])

    def _plates(self, codes: list[str]) -> list[str]:
        return [code for code in codes if code.startswith("L")]

    def _weighed(self, grams: int) -> None:
        for lpn in self._plates(self._at_pack):
            order = self.bound[lpn]
            expected = 180 + sum(GIVEN.weights[sku] * n for sku, n in order.got.items())
            if abs(grams - expected) <= max(40, expected * 0.03) or lpn in self.accepted:
                self._print(
                    "print1", [lpn, f"SW{order.number:010}"], [lpn, f"SW{order.number:010}"]
                )
            else:
                self._print("print1", ["EXCEPTION", f"carton {lpn}"], [])

    def _route(self, codes: list[str], trigger: int) -> None:
        if "gateway" in self.away:
            return
        fine = len(self._plates(codes)) == 1 and any(code.startswith("SW") for code in codes)
        self._seq += 1
        self.bank.put("cmd_track", trigger)
        self.bank.put("cmd_lane", 1 if fine else 3)
        self.bank.put("cmd_seq", self._seq)

    # --- its work pages ---

    def _in_hospital(self, lpn: str) -> None:
        carton = self.world.goods.cartons[lpn]
        overweight = carton.defect == "overweight" and lpn not in self.accepted
        remedy = "check contents, accept weight" if overweight else "clean the plate, reinduct"
        self.errand("HOSPITAL", "hospital", lpn, remedy=remedy)

    def errand(self, station: str, kind: str, subject: str, **more: Any) -> None:
        key = f"{kind}:{subject}"
        if key not in [each["key"] for each in self.errands[station]]:
            self.errands[station].append({"key": key, "kind": kind, "subject": subject, **more})

    def _phone(self, ask: Ask, answered: Any) -> None:
        if "gateway" in self.away:
            answered(Answer(0, {}))
            return
        self.said.append(ask)
        if ask.path in self.answers:
            answered(self.answers[ask.path])
            return
        _, _, *path = ask.path.split("/")
        match path, ask.body:
            case ["work", station], _ if ask.method == "GET":
                answered(
                    Answer(200, {"task": self._task(), "errands": self.errands.get(station, [])})
                )
                return
            case ["work", "HOSPITAL", "scan"], {"code": code}:
                self._in_hospital(code)
            case ["hospital", lpn], {"remedy": remedy}:
                self._solve(lpn, remedy)
            case ["putbacks"], {"lpn": lpn}:
                self.errands["DESK"].pop(0)
                self._forget("HOSPITAL", lpn)
            case _:
                self.errands["DESK"].pop(0)
        answered(Answer(200, {"outcome": "accepted"}))

    def _task(self) -> dict[str, Any] | None:
        if self.picking is None or not self.picking.lines:
            return None
        location, sku, qty = self.picking.lines[0]
        return {"lpn": self.picking.lpn, "location": location, "sku": sku, "qty": qty}

    def _forget(self, station: str, subject: str) -> None:
        self.errands[station] = [e for e in self.errands[station] if e["subject"] != subject]

    def _solve(self, lpn: str, remedy: str) -> None:
        self._forget("HOSPITAL", lpn)
        if remedy == "accept_weight":
            self.accepted.add(lpn)
            self._print("print2", [lpn, "SW9"], [lpn, "SW9"])
