"""The whole world put together: who hears which act, and what stands when a device comes back."""

from collections.abc import Callable, Iterator

from simulators.bus import Message, fact
from simulators.story import Story
from simulators.world.config import Given
from simulators.world.desk import Desk
from simulators.world.dock import Dock
from simulators.world.goods import Carton, Goods, Sticker
from simulators.world.handover import HandOver
from simulators.world.hospital import HospitalWorker
from simulators.world.lamps import Lamps
from simulators.world.packing import Infeed, PackLine
from simulators.world.person import HandScanner, Screen
from simulators.world.picker import Picker
from simulators.world.scene import Scene, Tell, Witness
from simulators.world.sorting import Lanes, Loop
from simulators.world.stage import Phone, Stage

Act = Message


class World:
    """tell: carries a fact to a device. phone: carries people's questions to the gateway."""

    def __init__(
        self, given: Given, story: Story, speed: float, tell: Tell, phone: Phone, run: str = "run"
    ) -> None:
        self.given, self.story = given, story
        self.stage, self.goods, self.witness = Stage(phone), Goods(given, story), Witness()
        self.scene = Scene(self.stage, speed, given, self.goods, tell, self.witness)
        self.lanes = Lanes(self.scene)
        self.loop = Loop(self.scene, self.lanes)
        self.line = PackLine(self.scene, self.loop.join)
        self.infeed = Infeed(self.scene, self.line)
        self.rack = HandOver(self.scene, self.infeed)
        self.dock = Dock(self.scene, self.lanes)
        self.faults: dict[str, dict[str, bool]] = {}
        self._hire(run)

    def _hire(self, run: str) -> None:
        stations, scene = self.given.stations, self.scene
        self.lamps = Lamps(stations.display)
        hand1, hand2 = HandScanner(stations.hand), HandScanner(stations.hospital_hand)
        self._hands = {hand.device: hand for hand in (hand1, hand2)}
        picker_screen, worker_screen, desk_screen = (
            Screen(scene, run, who) for who in ("picker", "worker", "desk")
        )
        self.picker = Picker(scene, self.lamps, hand1, self.rack, picker_screen)
        self.worker = HospitalWorker(scene, self.lanes, self.infeed, hand2, worker_screen)
        self.desk = Desk(scene, self.dock, self.carry_to_hospital, self.repair, desk_screen)
        for person in (self.picker, self.worker, self.desk):
            self.stage.play(person.shift())

    # --- the bus ---

    def acted(self, device: str, act: Act) -> None:
        match act:
            case {"act": "lamp"}:
                self.lamps.set(act)
            case {"act": "tone", "good": good}:
                self._hands[device].tone(good)
            case {"act": "label"}:
                self._label(device, act)
            case {"act": "amr_pick", "vehicle": vehicle, "lpns": lpns}:
                self.rack.pick(vehicle, lpns)
            case {"act": "amr_drop", "vehicle": vehicle, "lpns": lpns}:
                self.rack.drop(vehicle, lpns)
            case {"act": "release", "lane": lane}:
                self.infeed.release(str(lane))
            case {"act": "induct", "body": body, "track": track}:
                self.loop.induct(body, track)
            case {"act": "divert", "body": body, "lane": lane}:
                self.loop.divert(body, str(lane))
            case {"act": "saw" | "door" | "acted"}:
                facts = {key: value for key, value in act.items() if key != "act"}
                self.scene.saw("said by " + device, **facts)
            case _:
                self.scene.saw("not understood", device=device, act=str(act)[:200])
        self.stage.look_up()

    def arrived(self, device: str) -> Iterator[Message]:
        """A device said hello: what it must know. Standing facts of belts follow by themselves."""
        stations = self.given.stations
        if device == stations.lights:
            self.lamps.power(True, self.stage.now)
        for name, on in self.faults.get(device, {}).items():
            yield fact("fault", fault=name, on=on)
        standing: dict[str, tuple[Callable[[], None], ...]] = {
            stations.merge: (self.infeed.standing, self.line.standing),
            stations.sorter: (self.lanes.standing, self.loop.standing),
            stations.vehicle: (lambda: self.rack.standing(device),),
        }
        for tell in standing.get(device, ()):
            self.stage.after(0.0, tell)

    def gone(self, device: str) -> None:
        if device == self.given.stations.lights:
            self.lamps.power(False, self.stage.now)
            self.stage.look_up()

    def _label(self, device: str, act: Act) -> None:
        sticker = Sticker(tuple(act["codes"]), tuple(act["fields"]), act["exception"])
        if device == self.given.stations.hospital_printer:
            self.worker.label(sticker)
        else:
            self.line.label(sticker)

    # --- hands ---

    def lift(self, carton: Carton) -> None:
        """Off wherever it is; what was planned for it there no longer happens."""
        for holder in (self.infeed, self.line, self.loop, self.lanes, self.worker):
            holder.lift(carton)

    def carry_to_hospital(self, carton: Carton) -> None:
        self.lift(carton)
        self.worker.bring(carton)

    def fault(self, device: str, name: str, on: bool) -> None:
        self.faults.setdefault(device, {})[name] = on
        self.scene.saw("fault", device=device, fault=name, on=on)
        self.scene.tell(device, "fault", fault=name, on=on)

    def repair(self, device: str) -> None:
        for name, on in self.faults.get(device, {}).items():
            if on:
                self.fault(device, name, False)
