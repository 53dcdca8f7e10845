"""What the ERP knows: shipments and the stock on hand that it was told."""

from typing import Any

from simulators.hosts.http import Reply, Request

SHIPMENT = ("order", "owner", "load", "partial", "parcels", "lines")


class ErpBook:
    """A second shipment of one order under another key is acted on, as a real ERP would, and
    counted as a duplicate. Stock levels are absolute; an older version is ignored."""

    def __init__(self) -> None:
        self._shipments: dict[str, list[dict[str, Any]]] = {}
        self._stock: dict[str, dict[str, Any]] = {}

    def answer(self, request: Request) -> Reply:
        match request.method, request.path.strip("/").split("/"):
            case "POST", ["shipments"]:
                return self._ship(request)
            case "PUT", ["stock", owner, sku]:
                return self._set(owner, sku, request)
            case "GET", ["stock"]:
                return Reply(200, {"stock": list(self._stock.values())})
            case _:
                raise KeyError(f"{request.method} {request.path}")

    def _ship(self, request: Request) -> Reply:
        shipment = request.json()
        if missing := [name for name in SHIPMENT if name not in shipment]:
            raise ValueError(f"missing: {', '.join(missing)}")
        order = str(shipment["order"])
        self._shipments.setdefault(order, []).append({**shipment, "at": request.at})
        return Reply(201, {"shipment": f"{order}/{len(self._shipments[order])}"})

    def _set(self, owner: str, sku: str, request: Request) -> Reply:
        told = request.json()
        on_hand, version = told.get("on_hand"), told.get("version")
        if not isinstance(on_hand, int) or not isinstance(version, int):
            raise ValueError("on_hand and version must be whole numbers")
        key = f"{owner}|{sku}"
        known = self._stock.get(key)
        if known is None or version > known["version"]:
            self._stock[key] = {"owner": owner, "sku": sku, "on_hand": on_hand, "version": version}
        return Reply(200, self._stock[key])

    def state(self) -> dict[str, Any]:
        twice = [
            f"order {order} was shipped {len(shipments)} times"
            for order, shipments in self._shipments.items()
            if len(shipments) > 1
        ]
        stock = {key: row["on_hand"] for key, row in self._stock.items()}
        return {"shipments": self._shipments, "stock": stock, "duplicates": twice}
