"""The world's own numbers (`world.yaml`), and what it shares with the site."""

import csv
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict
from ruamel.yaml import YAML

from simulators.world.floor import bays, walks

UNITS = {"ms": 0.001, "s": 1.0, "mm": 1, "g": 1}


def measured(text: object) -> object:
    """`500ms` in seconds, `300mm` in millimetres, `180g` in grams."""
    if isinstance(text, str):
        for unit in ("ms", "mm", "s", "g"):
            if text.endswith(unit):
                return float(text.removesuffix(unit)) * UNITS[unit]
    return text


Measure = Annotated[float, BeforeValidator(measured)]


class _Config(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class People(_Config):
    walk_m_s: float
    take_piece: Measure
    press: Measure
    scan: Measure
    rescan_after: Measure
    settle: Measure
    relight: Measure
    errand_walk: Measure
    inspect: Measure
    look_again: Measure


class Cartons(_Config):
    tare: Measure
    tare_spread: Measure
    padding: Measure
    lengths: tuple[Measure, ...]


class MergeBelt(_Config):
    lanes: dict[str, int]
    to_scanner: Measure


class PackBelt(_Config):
    scanner_to_scale: Measure
    scale_to_stop: Measure
    apply: Measure
    label_within: Measure
    to_eye: Measure


class SorterBelt(_Config):
    gap: Measure
    eye_to_tunnel: Measure
    tunnel_to_blade: Measure
    blade_waits: Measure
    blade_to_lane: Measure
    loop: Measure
    shortest_loop: Measure
    lanes: dict[str, int]
    doors: dict[str, str]


class Loader(_Config):
    after: Measure
    each: Measure
    works: Measure
    rests: Measure


class Numbers(_Config):
    world: int
    people: People
    cartons: Cartons
    merge: MergeBelt
    pack: PackBelt
    sorter: SorterBelt
    loader: Loader
    truck_after: Measure


@dataclass(frozen=True, slots=True)
class Stations:
    """Who stands where, by the site file: device ids and station names."""

    zone: str
    lights: str
    display: str
    hand: str
    location_of: Mapping[str, str]
    vehicle: str
    merge: str
    vehicle_lane: str
    hospital_lane: str
    pack_scanner: str
    scale: str
    printer: str
    sorter: str
    tunnel: str
    hospital_chute: str
    hospital: str
    hospital_hand: str
    hospital_printer: str
    desk: str


@dataclass(frozen=True, slots=True)
class Given:
    numbers: Numbers
    stations: Stations
    walks: Mapping[str, Mapping[str, float]]
    """Metres between layout nodes."""
    node_of: Mapping[str, str]
    """Location or light, display included -> layout node."""
    start: str
    end: str
    weights: Mapping[str, int]
    """Grams by SKU."""
    stock: Mapping[tuple[str, str], int]
    """The stock file: (location, sku) -> pieces."""


def given(folder: Path, stock: Path | None = None) -> Given:
    """Everything the world needs from the site's folder; `stock` replaces its stock file."""
    site: dict[str, Any] = load_yaml(folder / "site.yaml")
    layout: dict[str, Any] = load_yaml(folder / site["layout"])
    zone = site["zones"][0]
    stations = _stations(site, zone)
    node_of = bays(layout)
    if "locations" in site:
        node_of |= _nodes(folder / site["locations"])
    node_of |= {light: node_of[place] for light, place in stations.location_of.items()}
    return Given(
        numbers=Numbers.model_validate(load_yaml(folder / "world.yaml")),
        stations=stations,
        walks=walks(layout),
        node_of=node_of | {stations.display: zone["start"]},
        start=zone["start"],
        end=zone["end"],
        weights=_weights(folder / site["items"]),
        stock=read_stock(stock or folder / site["stock"]),
    )


def load_yaml(file: Path) -> Any:
    return YAML(typ="safe", pure=True).load(file)


def _stations(site: dict[str, Any], zone: dict[str, Any]) -> Stations:
    lane_of = {lane["source"]: lane["lane"] for lane in site["merge"]["lanes"]}
    pack, sorter, hospital = site["pack"], site["sorter"], site["hospital"]
    return Stations(
        zone=zone["station"],
        lights=zone["lights"],
        display=zone["display"],
        hand=zone["scanner"],
        location_of={light: place for place, light in zone["light_of"].items()},
        vehicle=site["trips"]["vehicle"],
        merge=site["merge"]["device"],
        vehicle_lane=lane_of["vehicle"],
        hospital_lane=lane_of["hospital"],
        pack_scanner=pack["scanner"],
        scale=pack["scale"],
        printer=pack["printer"],
        sorter=sorter["device"],
        tunnel=sorter["scanner"],
        hospital_chute=sorter["hospital"],
        hospital=hospital["station"],
        hospital_hand=hospital["scanner"],
        hospital_printer=hospital["printer"],
        desk=site["counter"],
    )


def _nodes(locations: Path) -> dict[str, str]:
    with locations.open(encoding="utf-8", newline="") as file:
        return {row["code"]: row["node"] for row in csv.DictReader(file)}


def _weights(items: Path) -> dict[str, int]:
    with items.open(encoding="utf-8", newline="") as file:
        return {row["sku"]: int(row["weight_g"]) for row in csv.DictReader(file)}


def read_stock(stock: Path) -> dict[tuple[str, str], int]:
    pieces: defaultdict[tuple[str, str], int] = defaultdict(int)
    with stock.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            pieces[row["location"], row["sku"]] += int(row["qty"])
    return dict(pieces)
