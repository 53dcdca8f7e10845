"""What the carrier knows: a label per request, also when the same parcel is asked for again."""

from collections import defaultdict
from typing import Any

from simulators.hosts.http import Reply, Request

PREFIX = {"swift": "SW", "parcelo": "PO"}


class CarrierBook:
    """No idempotency key is honoured: who does not know whether a request arrived asks
    `GET /labels?reference=` first. A second label for one reference is counted as a duplicate."""

    def __init__(self, first: int = 1) -> None:
        """`first`: the first parcel number of the run."""
        self._next = first
        self._labels: dict[str, list[dict[str, Any]]] = defaultdict(list)

    def answer(self, request: Request) -> Reply:
        match request.method, request.path:
            case "POST", "/labels":
                return self._issue(request)
            case "GET", "/labels":
                reference = request.query.get("reference", "")
                return Reply(200, {"labels": self._labels.get(reference, [])})
            case _:
                raise KeyError(f"{request.method} {request.path}")

    def _issue(self, request: Request) -> Reply:
        asked = request.json()
        reference, carrier = str(asked.get("reference", "")), asked.get("carrier")
        weight_g = asked.get("weight_g")
        if not reference:
            raise ValueError("reference is missing")
        if carrier not in PREFIX:
            raise ValueError(f"carrier {carrier!r} is none of {', '.join(PREFIX)}")
        if not isinstance(weight_g, int) or not 0 < weight_g <= 30_000:
            raise ValueError(f"weight_g {weight_g!r} is not between 1 and 30000")
        tracking = f"{PREFIX[carrier]}{self._next:010d}"
        self._next += 1
        label = {"tracking": tracking, "zpl": label_zpl(reference, tracking, asked)}
        self._labels[reference].append(label)
        return Reply(201, label)

    def state(self) -> dict[str, Any]:
        numbers = {ref: [one["tracking"] for one in labels] for ref, labels in self._labels.items()}
        twice = [
            f"{reference} has {len(labels)} labels: {', '.join(labels)}"
            for reference, labels in numbers.items()
            if len(labels) > 1
        ]
        return {"labels": numbers, "duplicates": twice}


def label_zpl(reference: str, tracking: str, asked: dict[str, Any]) -> str:
    """A 4 x 6 inch label: address in words, tracking number and our reference in Code 128."""
    ship_to = asked.get("ship_to") or {}
    address = [str(ship_to.get(part, "")) for part in ("name", "street", "city")]
    words = "".join(
        f"^FO40,{40 + 50 * row}^A0N,40,40^FD{_printable(text)}^FS"
        for row, text in enumerate([*address, f"{asked['carrier']} {asked.get('service', '')}"])
    )
    codes = (
        f"^FO40,300^BY3^BCN,200,Y,N,N^FD{tracking}^FS^FO40,620^BY3^BCN,120,Y,N,N^FD{reference}^FS"
    )
    return f"^XA^CI28^PW812^LL1218{words}{codes}^XZ"


def _printable(text: str) -> str:
    """Without the two characters that begin a ZPL command."""
    return text.replace("^", " ").replace("~", " ")
