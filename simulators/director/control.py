"""The director's HTTP side, on loopback, for whoever has the control token.

POST /break/{what}   {mode, seconds?, count?}     what: a device, broker, shop, erp, carrier,
                                                  gateway, lane1 ...
GET  /faults                                      {faults, can: {what: [modes]}, plan, pressed}
POST /play/order     {lines?, service?}           -> the shop's ORDER
POST /play/cancel/{number}
POST /play/press     {light, button?, qty?}
POST /play/scan      {scanner, code}              with a hand scanner
GET  /witness                                     world, shop, ERP, carrier, faults
GET  /progress                                    {progress, pressed, planned}
"""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from simulators.hosts.call import NoAnswer
from simulators.hosts.http import Reply, Request, Silence

if TYPE_CHECKING:
    from simulators.director.director import Director


class Control:
    def __init__(self, director: "Director") -> None:
        self._director = director

    async def handle(self, request: Request) -> Reply | Silence:
        if request.bearer != self._director.token:
            return Reply(401, {"error": "wrong or missing control token"})
        try:
            return await self._answer(request)
        except LookupError as err:
            return Reply(404, {"error": str(err.args[0])})
        except (ValueError, TypeError) as err:
            return Reply(422, {"error": str(err)})
        except (NoAnswer, OSError) as err:
            return Reply(503, {"error": str(err)}, {"Retry-After": "1"})

    async def _answer(self, request: Request) -> Reply:
        director = self._director
        match request.method, request.path.strip("/").split("/"):
            case "POST", ["break", what]:
                return self._break(what, request.json())
            case "GET", ["faults"]:
                return Reply(200, self._faults())
            case "POST", ["play", "order"]:
                placed = await director.breaks.control("shop", "POST", "place", request.json())
                return Reply(201, placed)
            case "POST", ["play", "cancel", number]:
                cancelled = await director.breaks.control("shop", "POST", f"cancel/{number}", {})
                return Reply(201, cancelled)
            case "POST", ["play", "press"]:
                return Reply(200, await self._press(request.json()))
            case "POST", ["play", "scan"]:
                return Reply(200, await self._scan(request.json()))
            case "GET", ["witness"]:
                return Reply(200, await director.witness())
            case "GET", ["progress"]:
                return Reply(200, await self._progress())
            case _:
                raise LookupError(f"there is no {request.method} {request.path}")

    def _break(self, what: str, asked: dict[str, Any]) -> Reply:
        thing, mode = self._director.things.get(what), asked.get("mode")
        if thing is None:
            raise LookupError(f"there is no {what!r}; known: {', '.join(self._director.things)}")
        if mode not in thing.modes:
            raise ValueError(f"{what} can be broken by {', '.join(thing.modes)}, not by {mode!r}")
        seconds, count = asked.get("seconds"), asked.get("count")
        if seconds is not None and not 0 <= float(seconds) <= 600:
            raise ValueError(f"seconds {seconds!r} is not between 0 and 600")
        self._director.break_it(thing, mode, seconds=seconds, count=count)
        return Reply(202, {"what": what, "mode": mode})

    def _faults(self) -> dict[str, Any]:
        director = self._director
        return {
            "faults": director.breaks.told(),
            "can": {id: list(thing.modes) for id, thing in director.things.items()},
            "plan": [asdict(fault) for fault in director.plan],
            "pressed": director.pressed,
        }

    async def _press(self, asked: dict[str, Any]) -> dict[str, Any]:
        button, qty = str(asked.get("button", "confirm")), int(asked.get("qty", 0))
        return await self._director.ask("press", light=str(asked["light"]), button=button, qty=qty)

    async def _scan(self, asked: dict[str, Any]) -> dict[str, Any]:
        scanner = self._director.things.get(str(asked.get("scanner")))
        if scanner is None or scanner.part != "hand scanner":
            raise ValueError(f"{asked.get('scanner')!r} is not a hand scanner")
        return await self._director.ask("trigger", device=scanner.id, code=str(asked["code"]))

    async def _progress(self) -> dict[str, Any]:
        director = self._director
        return {
            "progress": await director.progress(),
            "pressed": director.pressed,
            "planned": len(director.plan),
        }
