"""The semantic pass: the demo is clean; each rule finds its mistake, at its place."""

from pathlib import Path

import pytest

from devices.map.check import check
from devices.map.load import load_map

DEMO = Path(__file__).parents[3] / "config" / "demo"
TEXT = (DEMO / "devices.yaml").read_text()


def test_the_demo_is_clean() -> None:
    assert check(load_map(DEMO)) == []


def test_the_reference_is_clean(reference: Path) -> None:
    assert check(load_map(reference / "reference" / "device-map.yaml")) == []


@pytest.mark.parametrize(
    ("old", "new", "code", "says"),
    [
        ("full: lane1.full, jam", "full: lane9.full, jam", "DM101", "there is no tag lane9.full"),
        ("plc_beat, drive: gw_beat", "plc_beat, drive: nobody", "DM101",
         "there is no tag nobody"),
        ("scanner: tunnel1, d", "scanner: tunnel9, d", "DM101", "there is no device tunnel9"),
        ("kind: scale\n    connection: tcp_scale", "kind: scale\n    connection: broker",
         "DM102", "a scale is not reached over mqtt"),
        ('speed: {at: "ir:12", type: uint16,', 'speed: {at: "ir:12", type: uint16, access: rw,',
         "DM103", "can only be read"),
        ('speed: {at: "ir:12", type: uint16,', 'speed: {at: "ir:12.3", type: uint32,',
         "DM104", "a bit belongs to one register"),
        ('speed: {at: "ir:12", type: uint16,', 'speed: {at: "ir:12", type: string,',
         "DM105", "needs its `length`"),
        ('running: {at: "di:11", type: bool', 'running: {at: "di:11", type: uint16',
         "DM106", "not one bit"),
        ('speed: {at: "ir:12"', 'speed: {at: "ir:9"', "DM107", "lies over cfm_track"),
        ("      confirm: {style: event,", "      confirmed: {style: event,", "DM108",
         "needs the handshake confirm"),
        ("data: [ind_track, ind_length]", "data: [ind_track]", "DM109", "induct carries 2 values"),
        ('cfm_ack: {at: "hr:6", type: uint16, access: rw}', 'cfm_ack: {at: "hr:6", type: uint16}',
         "DM110", "writes cfm_ack, but its access is r"),
        ('ack_seq: {at: "ir:1", type: uint16, poll: fast}',
         'ack_seq: {at: "ir:1", type: uint16, poll: slow}', "DM111", "waits for ack_seq"),
        ("full: lane2.full, jam: lane2.jam", "full: lane2.full", "DM112", "lane 2 has no jam tag"),
        ('cmd_lane: {at: "hr:4", type: uint16, access: rw, range: [0, 3]}',
         'cmd_lane: {at: "hr:4", type: uint16, access: rw, range: [-1, 3]}', "DM115",
         "cannot hold -1..3"),
        ("poll: {fast: 20ms,", "poll: {fast: 10ms,", "DM116", "its polls take"),
        ("distance: 1800mm", "distance: 700mm", "DM113", "leave 0.58 s"),
    ],
)  # fmt: skip
def test_each_rule_finds_its_mistake(
    tmp_path: Path, old: str, new: str, code: str, says: str
) -> None:
    assert old in TEXT
    file = tmp_path / "devices.yaml"
    file.write_text(TEXT.replace(old, new, 1))
    found = [one for one in check(load_map(file)) if one.code == code]
    assert found, check(load_map(file))
    assert says in found[0].text
    assert found[0].place.startswith(f"{file}:")


def test_two_devices_that_write_one_register_are_found(tmp_path: Path) -> None:
    head, sorter = TEXT.split("  sorter1:\n")
    file = tmp_path / "devices.yaml"
    file.write_text(f"{head}  sorter1:\n{sorter}\n  sorter2:\n{sorter}")
    assert "DM114" in {one.code for one in check(load_map(file))}
