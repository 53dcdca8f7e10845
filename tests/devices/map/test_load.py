"""Device maps: the demo's loads with everything resolved; every mistake is said with its place."""

from pathlib import Path

import pytest

from devices.map.load import MapErrors, load_map
from devices.map.schema import At, Fleet, LightZone, Merge, ModbusTcp, NodeTag, RegisterTag, Sorter

ROOT = Path(__file__).parents[3]
DEMO = ROOT / "config" / "demo"

SMALL = """\
devicemap: 1
site: {code: T, gln: "9506000134352", timezone: UTC}
defaults:
  poll: {fast: 20ms}
  stale_after: 3x
connections:
  plc: {type: modbus-tcp, host: 10.0.0.1, timeout: 150ms, word_order: little}
templates:
  lane:
    params: [n]
    tags:
      full: {at: "di:${3+n}", type: bool, poll: fast}
devices:
  s1:
    kind: divert-sorter
    connection: plc
    include: [{template: lane, as: lane1, n: 1}]
    tags:
      speed: {at: "ir:12", type: uint16, scale: 0.01}
      track: {at: "ir:4", type: uint32, word_order: big}
    lanes:
      1: {destination: D, full: lane1.full}
"""


def errors(tmp_path: Path, text: str, overlay: dict | None = None) -> list[str]:
    file = tmp_path / "devices.yaml"
    file.write_text(text)
    with pytest.raises(MapErrors) as failed:
        load_map(file, overlay)
    return [str(error).removeprefix(f"{tmp_path}/") for error in failed.value.errors]


def test_the_demo_map_loads_with_everything_resolved() -> None:
    made = load_map(DEMO)
    sorter = made.devices["sorter1"]
    assert isinstance(sorter, Sorter)
    jam = sorter.tags["lane3.jam"]
    assert isinstance(jam, RegisterTag)
    assert (jam.at, jam.poll.every_s) == (At("di", 9), 0.02)
    assert jam.poll.stale_after_s == pytest.approx(0.06)
    assert sorter.lanes["0"].recirculate
    assert sorter.decision_point is not None
    assert sorter.decision_point.distance_mm == 1800
    assert sorter.decision_point.belt_speed == 1.2
    merge = made.devices["merge1"]
    assert isinstance(merge, Merge)
    assert isinstance(merge.tags["lane1_hold"], NodeTag)
    assert list(merge.lanes) == ["1", "2"]
    zone = made.devices["ptl_a"]
    assert isinstance(zone, LightZone)
    assert len(zone.lights) == 13
    assert made.place("devices", "sorter1", "tags", "lane2.jam").endswith("devices.yaml:31:12")


def test_the_reference_map_loads(reference: Path) -> None:
    made = load_map(reference / "reference" / "device-map.yaml")
    sorter, fleet = made.devices["sorter1"], made.devices["amr"]
    assert isinstance(sorter, Sorter)
    assert isinstance(fleet, Fleet)
    assert sorter.decision_point is not None
    assert sorter.decision_point.belt_speed == "speed"
    amps = sorter.tags["motor_amps"]
    assert isinstance(amps, RegisterTag)
    assert (amps.word_order, amps.words) == ("little", 2)
    assert fleet.vehicles["amr02"].serial == "0002"


def test_orders_are_inherited_and_addresses_overlaid(tmp_path: Path) -> None:
    (tmp_path / "devices.yaml").write_text(SMALL)
    made = load_map(tmp_path, {"plc": {"host": "127.0.0.1", "port": 40001}})
    plc, sorter = made.connections["plc"], made.devices["s1"]
    assert isinstance(plc, ModbusTcp)
    assert (plc.host, plc.port, plc.timeout_s) == ("127.0.0.1", 40001, 0.15)
    assert isinstance(sorter, Sorter)
    speed, track = sorter.tags["speed"], sorter.tags["track"]
    assert isinstance(speed, RegisterTag)
    assert isinstance(track, RegisterTag)
    assert (speed.word_order, track.word_order) == ("little", "big")
    assert sorter.tags["lane1.full"].at == At("di", 4)  # type: ignore[union-attr]


def test_an_overlay_may_replace_a_serial_match(tmp_path: Path) -> None:
    text = SMALL.replace(
        "templates:", '  com: {type: serial, match: {usb: "05e0:1701"}}\ntemplates:'
    )
    (tmp_path / "devices.yaml").write_text(text)
    made = load_map(tmp_path, {"com": {"port": "/run/hand1"}})
    assert made.connections["com"].port == "/run/hand1"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("scale: 0.01", "scael: 0.01", "devices.yaml:19:42: devices.s1.tags.speed.scael: "
         "there is no such key here (did you mean 'scale'?)"),
        ("type: uint16", "type: uint17", "devices.yaml:19:34: devices.s1.tags.speed.type: "
         "'uint17' is none of bool, int16, uint16, int32, uint32, int64, uint64, float32, "
         "float64, float, double, bcd16, bcd32, string, enum, bits (did you mean 'uint16'?)"),
        ("connection: plc", "connection: plk", "devices.yaml:16:17: devices.s1.connection: "
         "there is no connection plk (did you mean 'plc'?)"),
        ("kind: divert-sorter", "kind: divert-sortr", "devices.yaml:15:11: devices.s1.kind: "
         "'divert-sortr' is none of scanner, pick-to-light-zone, vda5050-fleet, merge-lift, "
         "divert-sorter, scale, zpl-printer, door, io (did you mean 'divert-sorter'?)"),
        ("kind: divert-sorter", "area: X", "devices.yaml:15:5: devices.s1.kind: is missing"),
        ("template: lane", "template: lain", "devices.yaml:17:26: devices.s1.include.0.template: "
         "there is no template lain (did you mean 'lane'?)"),
        ("n: 1}", "m: 1}", "devices.yaml:17:15: devices.s1.include.0: the template needs `n`"),
        ("${3+n}", "${3*n}", "devices.yaml:12:18: templates.lane.tags.full.at: ${3*n}: only "
         "${name} and ${name+integer} are understood"),
        ("timeout: 150ms", "timeout: 150", "devices.yaml:7:52: connections.plc.timeout: "
         "150 is not a quantity like 250ms, 2s, 10min"),
        ("timeout: 150ms", "timeuot: 150ms", "devices.yaml:7:43: connections.plc.timeuot: "
         "there is no such key here (did you mean 'timeout'?)"),
        ("at: \"ir:12\"", "at: \"xr:12\"", "devices.yaml:19:19: devices.s1.tags.speed.at: "
         "'xr:12' is not an address like ir:8 or hr:10.3"),
        ("poll: fast", "poll: quick", "devices.yaml:12:49: devices.s1.tags.lane1.full.poll: "
         "'quick' is not a poll class (fast, normal, slow, once)"),
        ("host: 10.0.0.1", "host: yes", "devices.yaml:7:33: connections.plc.host: "
         "`yes` is text here: write true or false, or quote it"),
        ("code: T", "code: 0123", "devices.yaml:2:14: site.code: `0123` has a leading zero: "
         "quote it, or drop the zero"),
        ("    connection: plc", "    connection: plc\n    connection: plc",
         "devices.yaml:17:5: devices.s1.connection: duplicate key (the first is in line 16)"),
        ("    connection: plc", "\tconnection: plc", "devices.yaml:16:1: a tab: use spaces"),
        ("devicemap: 1", "devicemap: 2", "devices.yaml:1:12: devicemap: format 2 is newer than "
         "this program: update it"),
        ("templates:", "tempaltes:", "devices.yaml:8:1: tempaltes: there is no such key here "
         "(did you mean 'templates'?)"),
        ("lanes:", "lanes: &a", None),
    ],
)  # fmt: skip
def test_each_mistake_is_said_with_its_place(
    tmp_path: Path, old: str, new: str, expected: str | None
) -> None:
    assert old in SMALL
    text = SMALL.replace(old, new, 1)
    if expected is None:  # an anchor that is used
        text = text.replace("devices:", "devices:\n  s2: *a", 1).replace("lanes: &a", "lanes: &a")
        assert any("anchor" in one or "alias" in one for one in errors(tmp_path, text))
        return
    assert expected in errors(tmp_path, text)


def test_all_mistakes_come_in_one_run_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = SMALL.replace("timeout: 150ms", "timeuot: 1s").replace("scale: 0.01", "scael: 1")
    text = text.replace("destination: D", "destinatoin: D")
    told = errors(tmp_path, text)
    assert [one.split(":")[1] for one in told] == ["7", "19", "22", "22"]


def test_an_overlay_for_an_unknown_connection_is_an_error(tmp_path: Path) -> None:
    told = errors(tmp_path, SMALL, {"plk": {"port": 1}})
    assert told == [
        "overlay: connections.plk: the map has no such connection (did you mean 'plc'?)"
    ]


@pytest.mark.parametrize("text", ["", "[]", "a: [", "devices: 3", "1", "devices: {a: 1}", "? [a]"])
def test_a_broken_file_is_an_error_and_never_a_crash(tmp_path: Path, text: str) -> None:
    assert errors(tmp_path, text)
