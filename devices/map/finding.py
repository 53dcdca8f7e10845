"""What a map that can be read may still get wrong: every code with an example and its remedy.

An error would move cartons wrongly or not at all, a warning is worth a look.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from devices.map.schema import DeviceMap

Level = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Finding:
    code: str
    level: Level
    place: str
    """`file:line:col`"""
    text: str
    hint: str = ""

    def __str__(self) -> str:
        hint = f" ({self.hint})" if self.hint else ""
        return f"{self.place}: {self.level} {self.code}: {self.text}{hint}"


@dataclass(frozen=True, slots=True)
class Rule:
    level: Level
    what: str
    example: str
    remedy: str


def _error(what: str, example: str, remedy: str) -> Rule:
    return Rule("error", what, example, remedy)


def _warning(what: str, example: str, remedy: str) -> Rule:
    return Rule("warning", what, example, remedy)


RULES: Final[Mapping[str, Rule]] = {
    "DM101": _error(
        "a name that stands for nothing",
        "`full: lane9.full` where no tag has that name",
        "write a name that the map has",
    ),
    "DM102": _error(
        "a device on a line that it does not speak",
        "a `scale` on an `mqtt` connection",
        "give it a connection of the right type",
    ),
    "DM103": _error(
        "a write to what can only be read",
        '`{at: "ir:12", access: rw}`',
        "co: and hr: can be written",
    ),
    "DM104": _error(
        "a bit of more than one register",
        '`{at: "hr:4.3", type: uint32}`',
        "`type: bool`, or an address without a bit",
    ),
    "DM105": _error(
        "a string without a length", '`{at: "ir:16", type: string}`', "`length: 16`, in characters"
    ),
    "DM106": _warning(
        "bits and numbers confused",
        '`{at: "di:11", type: uint16}`',
        "`type: bool` belongs to co:, di: and single bits",
    ),
    "DM107": _warning(
        "addresses of different types that overlap",
        "`ir:8 uint32` and `ir:9 uint16`",
        "look into the PLC's list: a 32-bit value takes two registers, a string one for two"
        " characters",
    ),
    "DM108": _error(
        "a handshake that the kind needs is missing",
        "a `divert-sorter` without `confirm`",
        "declare it under `handshakes`",
    ),
    "DM109": _error(
        "a handshake with too few or too many values",
        "`induct` with one value",
        "induct: track, length; decision: track, lane; confirm: track, lane, result",
    ),
    "DM110": _error(
        "a handshake writes a tag that is only read",
        "`seq: cmd_seq` with `access: r`",
        "access: rw",
    ),
    "DM111": _error(
        "a handshake waits for a tag that is polled too seldom",
        "`ack: ack_seq` with `poll: slow`",
        "poll: fast",
    ),
    "DM112": _error(
        "a lane without full or jam",
        "`1: {destination: DOOR-1}`",
        "name both tags, or say `recirculate: true`",
    ),
    "DM113": _error(
        "a decision that comes too late at the blade",
        "700 mm at 1.2 m/s",
        "move the scanner, slow the belt, or poll faster",
    ),
    "DM114": _error(
        "two devices that write one register",
        "`sorter1.run` and `sorter2.run` at `co:0` of one unit",
        "one device writes, the others read",
    ),
    "DM115": _error(
        "a range that the raw type cannot hold",
        "`{type: uint16, range: [-1, 3]}`",
        "look at scale and offset",
    ),
    "DM116": _warning(
        "polls that do not fit into the time of their line",
        "40 blocks at 20 ms on a serial line",
        "poll less often, or put tags closer together; `wedge map plan` shows the blocks",
    ),
    "DM117": _error(
        "a value wider than one request, or beyond address 65535",
        '`{at: "ir:0", type: float64, count: 60}`',
        "split it into several tags",
    ),
    "DM118": _error(
        "a secret in clear text",
        "`url: opc.tcp://user:word@plc`",
        "name it: `password: {secret: NAME}`, its value comes from the environment or from"
        " secrets.json",
    ),
    "DM119": _error(
        "two MQTT topics that are the same",
        "two zones with `event: wh1/ptl/{light}/event` and a light `A-01` each",
        "one topic belongs to one device and one purpose",
    ),
    "DM120": _error(
        "one MQTT client id used twice",
        "two connections to one broker with `client_id: wedge`",
        "the broker drops whoever came first: give each its own",
    ),
    "DM121": _error(
        "two devices on one serial port",
        "two scanners with `connection: com_dock1`",
        "a serial port belongs to one device; Modbus RTU alone is a bus",
    ),
    "DM122": _error(
        "a tag that its line cannot reach",
        "a `node` on a Modbus connection",
        "`at` on Modbus, `node` on OPC UA",
    ),
    "DM123": _error(
        "a write outside what the connection allows",
        "`writable: [hr:0-9]` and a tag at hr:10 with access rw",
        "widen `writable`, or read only",
    ),
    "DM124": _error(
        "a handshake waits for a tag that is never read",
        "`ack: ack_seq` with `access: w`",
        "access: r",
    ),
    "DM125": _warning("a connection that no device uses", "`plc_old: {...}`", "take it out"),
    "DM126": _warning(
        "a field that means nothing for the type",
        "`{type: bool, counter: true}`",
        "take it out, or change the type",
    ),
    "DM127": _warning(
        "an alarm that can never come, or never go",
        "`{high: 9, high_high: 8}`",
        "low_low < low < high < high_high; `when` belongs to a bool",
    ),
    "DM128": _error(
        "one name for two codes of a table that is written",
        "`enum: {1: on, 2: on}`",
        "give each code its own name",
    ),
    "DM129": _warning(
        "a unit number on a line without units", "`unit: 3` on OPC UA", "take it out"
    ),
    "DM130": _error(
        "a heartbeat that is lost between two beats",
        "`{every: 1s, lost_after: 1s}`",
        "lost_after: at least twice `every`, and three polls of `watch`",
    ),
    "DM131": _error(
        "a command that times out before its answer can be read",
        "`timeout: 40ms` with an ack polled every 50 ms",
        "a longer timeout, or a faster poll",
    ),
    "DM132": _warning(
        "two connections to one place",
        "`plc_a` and `plc_b` with the same host and port",
        "one connection with `unit:` per device: one request at a time on a line",
    ),
    "DM133": _error(
        "a lane that the command cannot name",
        "lane 4 and `cmd_lane: {range: [0, 3]}`",
        "widen the range, or take the lane out",
    ),
    "DM134": _error(
        "a tag that is read where reading is forbidden",
        "`forbidden: [hr:40-41]` and a tag at hr:40",
        "`access: w`, another address, or a smaller `forbidden`",
    ),
    "DM135": _error(
        "a range to be written that can only be read",
        "`writable: [ir:0-9]`",
        "co: and hr: can be written",
    ),
    "DM136": _error(
        "a pulse of what is not one bit",
        "`{type: uint16, pulse: 200ms}`",
        "`type: bool`, or take `pulse` out",
    ),
    "DM137": _warning(
        "a tag with a number as its unit",
        '`volts: {unit: "3"}`',
        "`V`, `m/s`...; the number of a unit on a Modbus line is said at the device",
    ),
    "DM138": _error(
        "limits of a scale that contradict each other",
        "`{zero_within: 60g, empty_below: 50g}`",
        "zero_within < empty_below < what is weighed",
    ),
    "DM139": _error(
        "a range that runs downward",
        "`range: [2.5, 0]`",
        "the smaller number first",
    ),
    "DM150": _error(
        "half a way to move a door",
        "a `door` with the handshake `open` and no `close`",
        "`move` as target or toggle, or `open` and `close` as pulses",
    ),
    "DM151": _error(
        "a switch or an output that is not one bit",
        "`open: position` where `position` is a uint16",
        "`type: bool`",
    ),
    "DM152": _error(
        "one switch for both ends of a door",
        "`{open: at_end, closed: at_end}`",
        "a switch of its own for each end: a door that is neither is moving",
    ),
    "DM153": _error(
        "a target or toggle that cannot be read back",
        "`target: wanted` with `access: w`",
        "access: rw: what the device has lost is seen only there",
    ),
    "DM154": _error(
        "a target that cannot say open and closed",
        "a door with `target: place` of type uint16",
        "`type: bool`, or an `enum` with the names open and closed",
    ),
    "DM155": _error(
        "a pulse declared twice",
        "a handshake `{style: pulse, signal: go}` and `go: {pulse: 200ms}`",
        "take `pulse` out of the tag",
    ),
    "DM156": _warning(
        "a toggle of a device without a heartbeat",
        "`{style: toggle, signal: step, echo: stepped}` alone",
        "declare the device's heartbeat: a restart between two looks is told from an act by it",
    ),
    "DM140": _error(
        "a condition of a line that has none",
        "`alarm: {from: opcua-condition}` on a register",
        "conditions are OPC UA's: give the alarm `when` or limits",
    ),
    "DM141": _error(
        "a condition without its node",
        "`alarm: {from: opcua-condition, priority: high}`",
        '`node: "plant;s=Merge.JamAlarm"`',
    ),
    "DM142": _error(
        "methods on a line that has none",
        "`methods` of a device on modbus-tcp",
        "methods are OPC UA's: use a command handshake",
    ),
    "DM143": _error(
        "a method of a merge lane that takes more than the lane",
        "`release: start_all` which takes nothing",
        "`in: {lane: uint16}`, and lanes that are numbers",
    ),
    "DM170": _warning(
        "a loss that is known too late",
        "`{timeout: 3s, retries: 2}`: nine seconds",
        "at most five seconds: a shorter time, fewer retries, or a heartbeat",
    ),
    "DM160": _error(
        "a lamp on a Modbus line that is no unit of it",
        "`lights: [B-01]` of a zone with `pick_iq`",
        "`B-01: {unit: 1}`",
    ),
    "DM161": _error(
        "a unit that is two things",
        "two lamps, or a lamp and a meter, with `unit: 3` on one line",
        "give each module a number of its own, in it and here",
    ),
    "DM162": _error(
        "a register of lamps that cannot be written",
        "`job: ir:7900`, or one outside the `writable` of its connection",
        "co: or hr:, and a line that lets it be written",
    ),
    "DM163": _error(
        "a colour without its number",
        "`colour: hr:6312` and no `colours`, or a lamp with a colour that is not among them",
        "`colours: {green: 0, blue: 9}`, as the register map of the module has them",
    ),
    "DM180": _error(
        "one scanner for two devices",
        "two devices whose connections have one `peer`, or one port on USB",
        "give each its own scanner: a peer is told by its address",
    ),
    "DM181": _warning(
        "a tone that nobody can send",
        "`feedback: {style: honeywell}` on a connection of type hid",
        "take it out, or set the scanner to a serial line",
    ),
    "DM182": _error(
        "a language that the line does not speak",
        "`feedback: {style: zebra-ssi}` with `framing: {end: ...}`",
        "zebra-ssi goes with `framing: {packets: zebra-ssi}`, the others with `end`",
    ),
    "DM183": _error(
        "a head of a tunnel that is none",
        "`tunnel: scan_pack1` where scan_pack1 has no `associate`",
        "name a scanner with `associate`; a tunnel is a head of its own",
    ),
    "DM184": _error(
        "an eye that numbers no cartons",
        "`associate: {device: sorter1, event: confirm, ...}`",
        "`event: induct` of a divert-sorter",
    ),
    "DM185": _error(
        "a tunnel that guesses",
        "`multi_read: {keep: first, conflict: keep}`",
        "`conflict: no_read`, or `keep: all` and let the rules see both",
    ),
    "DM186": _error(
        "two listeners on one port",
        "`host: 0.0.0.0` and `host: 10.0.0.9` with one `port`",
        "one `host` for all that call at that port: they are told apart by their `peer`",
    ),
}  # fmt: skip


def finding(code: str, map: DeviceMap, path: tuple[str, ...], text: str, hint: str = "") -> Finding:
    """At the place of that path in the file; the rule's own remedy where no better hint is told."""
    rule = RULES[code]
    return Finding(code, rule.level, map.place(*path), text, hint or rule.remedy)
