"""A map with doors, and what is wrong with it once one thing is changed."""

from pathlib import Path

import pytest

from devices.map.check import check
from devices.map.load import read_map

GOOD = """\
devicemap: 1
site: {code: T, gln: "9506000134352", timezone: UTC}
connections:
  plc: {type: modbus-tcp, host: 10.0.0.1, timeout: 150ms}
templates:
  switches:
    params: [n]
    tags:
      up: {at: "di:${0+n}", type: bool, poll: fast}
      down: {at: "di:${1+n}", type: bool, poll: fast}
devices:
  fire1:
    kind: door
    connection: plc
    include: [{template: switches, as: at, n: 0}]
    tags:
      place: {at: "hr:9", type: enum, access: rw, enum: {0: none, 1: open, 2: closed}}
      going: {at: "di:4", type: bool, poll: fast}
      level: {at: "ir:4", type: uint16, poll: fast}
    open: at.up
    closed: at.down
    handshakes:
      move: {style: target, target: place, actual: at.up, busy: going, timeout: 20s}
  dock1:
    kind: door
    connection: plc
    unit: 2
    include: [{template: switches, as: at, n: 0}]
    tags:
      beat: {at: "ir:0", type: uint16, poll: fast}
      gw: {at: "hr:0", type: uint16, access: w}
      step: {at: "co:5", type: bool, access: rw}
      stepped: {at: "di:5", type: bool, poll: fast}
    open: at.up
    closed: at.down
    handshakes:
      heartbeat: {watch: beat, drive: gw, every: 500ms, lost_after: 2s}
      move: {style: toggle, signal: step, echo: stepped}
  gate1:
    kind: door
    connection: plc
    unit: 3
    include: [{template: switches, as: at, n: 0}]
    tags:
      go_up: {at: "co:0", type: bool, access: w}
      go_down: {at: "co:1", type: bool, access: w}
      eye: {at: "di:6", type: bool, poll: fast}
      edge: {at: "di:7", type: bool, poll: fast}
    open: at.up
    closed: at.down
    blocked: edge
    occupied: eye
    travel: 12s
    handshakes:
      open: {style: pulse, signal: go_up, width: 500ms}
      close: {style: pulse, signal: go_down}
  curtain1:
    kind: door
    connection: plc
    unit: 4
    include: [{template: switches, as: at, n: 0}]
    open: at.up
    closed: at.down
"""
TARGET = "move: {style: target, target: place, actual: at.up, busy: going, timeout: 20s}"
TOGGLE = "move: {style: toggle, signal: step, echo: stepped}"
BEATS = "      heartbeat: {watch: beat, drive: gw, every: 500ms, lost_after: 2s}\n"
PLACE = "type: enum, access: rw, enum: {0: none, 1: open, 2: closed}}"
UP = 'up: {at: "di:${0+n}", type: bool, poll: fast}'


def said(file: Path, text: str) -> list[tuple[str, str]]:
    """Code and text of each finding."""
    file.write_text(text)
    draft = read_map(file)
    assert draft.errors == [], [str(error) for error in draft.errors]
    assert draft.map is not None
    return [(found.code, found.text) for found in check(draft.map)]


def test_four_ways_to_have_a_door(tmp_path: Path) -> None:
    assert said(tmp_path / "m.yaml", GOOD) == []


@pytest.mark.parametrize(
    ("old", "new", "code", "text"),
    [
        ("blocked: edge", "blocked: hedge", "DM101", "gate1: there is no tag hedge"),
        (
            'going: {at: "di:4", type: bool, poll: fast}',
            'going: {at: "di:4", type: bool}',
            "DM111",
            "fire1: move waits for going, which is not polled every 100 ms",
        ),
        (
            'edge: {at: "di:7", type: bool, poll: fast}',
            'edge: {at: "di:7", type: bool}',
            "DM111",
            "gate1: blocked is edge, which is not polled every 100 ms",
        ),
        (
            "      close: {style: pulse, signal: go_down}\n",
            "",
            "DM150",
            "gate1: `open` and `close` are pulses, and come together",
        ),
        (
            TARGET,
            TARGET + "\n      open: {style: pulse, signal: going}",
            "DM150",
            "fire1: `move` is a target or a toggle, and then the only way to move it",
        ),
        (
            "close: {style: pulse, signal: go_down}",
            "close: {style: target, target: go_down, actual: at.down, timeout: 9s}",
            "DM150",
            "gate1: `open` and `close` are pulses, and come together",
        ),
        ("blocked: edge", "blocked: at.level", "DM101", "gate1: there is no tag at.level"),
        (
            "open: at.up\n    closed: at.down\n    handshakes:\n      move: {style: target",
            "open: level\n    closed: at.down\n    handshakes:\n      move: {style: target",
            "DM151",
            "fire1: level is uint16, not one bit",
        ),
        (TOGGLE, TOGGLE.replace("step,", "gw,"), "DM151", "dock1: gw is uint16, not one bit"),
        (
            "    closed: at.down\n    blocked",
            "    closed: at.up\n    blocked",
            "DM152",
            "gate1: at.up says both open and closed",
        ),
        (PLACE, PLACE.replace("rw", "w"), "DM153", "fire1: place is only written"),
        (
            PLACE,
            "type: uint16, access: rw}",
            "DM154",
            "fire1: place has no names for open and closed",
        ),
        (
            'go_up: {at: "co:0", type: bool, access: w}',
            'go_up: {at: "co:0", type: bool, access: w, pulse: 200ms}',
            "DM155",
            "gate1: go_up falls back by itself and by the handshake open",
        ),
        (BEATS, "", "DM156", "dock1: move is a toggle, and nothing beats"),
    ],
)
def test_a_broken_door(tmp_path: Path, old: str, new: str, code: str, text: str) -> None:
    assert GOOD.count(old), "the replaced text is no longer there"
    assert (code, text) in said(tmp_path / "m.yaml", GOOD.replace(old, new, 1))
