# ruff: noqa: E501
"""Maps that can be read and are wrong all the same, code by code."""

from typing import Final

from tests.devices.map.broken.shape import Broken

RULES: Final = (
    Broken('DM101 a tag', 'full: lane1.full', 'full: lane9.full', (
        "49:38: error DM101: s1: there is no tag lane9.full (did you mean 'lane1.full'?)",
    )),
    Broken('DM101 a tag of a handshake', 'watch: beat, drive: gw, every: 500ms, lost_after: 2s', 'watch: beet, drive: gw, every: 500ms, lost_after: 2s', (
        "44:26: error DM101: s1: there is no tag beet (did you mean 'beat'?)",
    )),
    Broken('DM101 a device', 'scanner: t1', 'scanner: t9', (
        '51:31: error DM101: s1: there is no device t9 (write a name that the map has)',
    )),
    Broken('DM101 a namespace', 'p;s=Beat', 'q;s=Beat', (
        '56:25: error DM101: m1: there is no namespace q (write a name that the map has)',
    )),
    Broken('DM102', 'connection: desk, protocol', 'connection: broker, protocol', (
        '66:33: error DM102: w1: a scale is not reached over mqtt (give it a connection of the right type)',
        '11:9: warning DM125: desk: no device uses it (take it out)',
    )),
    Broken('DM103', 'amps: {at: "ir:12", type: float32,', 'amps: {at: "ir:12", type: float32, access: rw,', (
        '41:18: error DM103: s1.amps: ir:12 can only be read, but access is rw (co: and hr: can be written)',
    )),
    Broken('DM104', 'amps: {at: "ir:12"', 'amps: {at: "ir:12.3"', (
        '41:18: error DM104: s1.amps: a bit belongs to one register, not to float32 (`type: bool`, or an address without a bit)',
    )),
    Broken('DM105', 'type: string, length: 8,', 'type: string,', (
        '42:18: error DM105: s1.name: a string needs its `length` (`length: 16`, in characters)',
    )),
    Broken('DM106', 'volts: {at: "ir:0"', 'volts: {at: "di:0"', (
        "52:66: warning DM106: meter.volts: uint16 at di:0 is not one bit at one bit's address (`type: bool` belongs to co:, di: and single bits)",
    )),
    Broken('DM170 of a line', 'baud: 19200,', 'baud: 19200, timeout: 3s,', (
        '6:67: warning DM170: bus: its loss is known after 6 s: 3 s, 2 times (at most five seconds: a shorter time, fewer retries, or a heartbeat)',
    )),
    Broken('DM170 of a heartbeat', 'every: 500ms, lost_after: 2s', 'every: 500ms, lost_after: 8s', (
        '44:69: warning DM170: s1: its loss is known after 8 s: `lost_after` (at most five seconds: a shorter time, fewer retries, or a heartbeat)',
    )),
    Broken('DM107', 'amps: {at: "ir:12"', 'amps: {at: "ir:13"', (
        "42:18: warning DM107: s1.name: ir:14 string lies over amps, ir:13 float32 (look into the PLC's list: a 32-bit value takes two registers, a string one for two characters)",
    )),
    Broken('DM107 under a long one', 'length: 8, poll: once}', 'length: 8, poll: once}\n      a: {at: "ir:15", type: int16}\n      b: {at: "ir:17", type: int16}', (
        "43:15: warning DM107: s1.a: ir:15 int16 lies over name, ir:14 string (look into the PLC's list: a 32-bit value takes two registers, a string one for two characters)",
        "44:15: warning DM107: s1.b: ir:17 int16 lies over name, ir:14 string (look into the PLC's list: a 32-bit value takes two registers, a string one for two characters)",
    )),
    Broken('DM108', '      confirm: {style: event,', '      confirmed: {style: event,', (
        '44:7: error DM108: s1: a divert-sorter needs the handshake confirm (declare it under `handshakes`)',
    )),
    Broken('DM109', 'data: [i_track, i_len]', 'data: [i_track]', (
        '45:48: error DM109: s1: induct carries 2 values (induct: track, length; decision: track, lane; confirm: track, lane, result)',
    )),
    Broken('DM110', 'c_ack: {at: "hr:7", type: uint16, access: rw}', 'c_ack: {at: "hr:7", type: uint16}', (
        '47:80: error DM110: s1: confirm writes c_ack, but its access is r (access: rw)',
    )),
    Broken('DM111', 'ack: {at: "ir:1", type: uint16, poll: fast}', 'ack: {at: "ir:1", type: uint16, poll: normal}', (
        '46:70: error DM111: s1: decision waits for ack, which is not polled every 100 ms (poll: fast)',
        '46:114: error DM131: s1: decision waits 150 ms, its ack is read every 250 ms (a longer timeout, or a faster poll)',
    )),
    Broken('DM112', 'full: lane1.full, jam: lane1.jam', 'full: lane1.full', (
        '49:10: error DM112: s1: lane 1 has no jam tag (name both tags, or say `recirculate: true`)',
    )),
    Broken('DM113', 'distance: 1800mm', 'distance: 700mm', (
        '51:21: error DM113: s1: 700 mm at 1.2 m/s leave 0.58 s, but association 0.4 + commit 0.05 + read 0.02 + write 0.19 + acknowledge 0.15 take 0.81 s (move the scanner, slow the belt, or poll faster)',
    )),
    Broken('DM114', 'tags: {volts:', 'tags: {run: {at: "co:1", type: bool, access: w}, volts:', (
        '67:58: error DM114: meter2.r: meter writes co:1 as well (one device writes, the others read)',
    ), '  meter2: {kind: io, connection: bus, unit: 3, tags: {r: {at: "co:1", type: bool, access: w}}}\n'),
    Broken('DM115', 'range: [0, 2.5]', 'range: [0, 700]', (
        '40:84: error DM115: s1.speed: uint16 cannot hold 0..700 (look at scale and offset)',
    )),
    Broken('DM116', 'poll: {fast: 20ms,', 'poll: {fast: 10ms,', (
        '5:8: warning DM116: plc: its polls take 104% of the time, 208 requests a second at 5.0 ms each (poll less often, or put tags closer together; `wedge map plan` shows the blocks)',
    )),
    Broken('DM117 wide', 'type: string, length: 8,', 'type: string, length: 252,', (
        '42:18: error DM117: s1.name: takes 126 registers, one request carries 125 (split it into several tags)',
    )),
    Broken('DM117 beyond', 'at: "ir:14", type: string', 'at: "ir:65534", type: string', (
        '42:18: error DM117: s1.name: its last register is ir:65537, beyond 65535 (split it into several tags)',
    )),
    Broken('DM118', '"opc.tcp://10.0.0.2:4840"', '"opc.tcp://u:geheim@10.0.0.2:4840"', (
        '7:27: error DM118: opc: the address holds a user, or a password (name it: `password: {secret: NAME}`, its value comes from the environment or from secrets.json)',
    )),
    Broken('DM119', 'vehicles: {v1: {serial: "1"}, v2: {serial: "2"}}', 'vehicles: {v1: {serial: "1"}, v2: {serial: "1"}}', (
        '63:123: error DM119: f1.v2: topic uagv/v2/ACME/1 is that of f1.v1 (one topic belongs to one device and one purpose)',
    )),
    Broken('DM119 of a zone', 'event: "a/{light}/event"', 'event: "a/{light}/set"', (
        '61:45: error DM119: z1.event of A-01: topic a/A-01/set is that of z1.command of A-01 (one topic belongs to one device and one purpose)',
        '61:45: error DM119: z1.event of A-02: topic a/A-02/set is that of z1.command of A-02 (one topic belongs to one device and one purpose)',
    )),
    Broken('DM120', '  com: {type', '  broker2: {type: mqtt, host: 10.0.0.3, client_id: wedge}\n  com: {type', (
        '9:12: warning DM125: broker2: no device uses it (take it out)',
        '9:52: error DM120: broker2: broker says it is wedge as well (the broker drops whoever came first: give each its own)',
    )),
    Broken('DM121', 'connection: gate, framing', 'connection: com, framing', (
        '10:9: warning DM125: gate: no device uses it (take it out)',
        '65:35: error DM121: t1: g1 is on that serial port (a serial port belongs to one device; Modbus RTU alone is a bus)',
    )),
    Broken('DM122', 'volts: {at: "ir:0", type: uint16', 'volts: {node: "p;s=V", type: uint16', (
        '52:68: error DM122: meter.volts: a node is not reached over modbus-rtu (`at` on Modbus, `node` on OPC UA)',
    )),
    Broken('DM123', '["hr:0-19", "co:0-9"]', '["hr:0-7", "co:0-9"]', (
        '40:49: error DM123: s1.speed: hr:8 is not among what plc lets be written (widen `writable`, or read only)',
    )),
    Broken('DM124', 'c_lane: {at: "ir:10", type: uint16, poll: fast}', 'c_lane: {at: "hr:10", type: uint16, access: w}', (
        '47:49: error DM124: s1: confirm reads c_lane, but its access is w (access: r)',
    )),
    Broken('DM125', '  com: {type', '  spare: {type: tcp-client, host: 10.0.0.9, port: 1}\n  com: {type', (
        '9:10: warning DM125: spare: no device uses it (take it out)',
    )),
    Broken('DM126', 'volts: {at: "ir:0", type: uint16', 'volts: {at: "ir:0", length: 4, type: uint16', (
        '52:82: warning DM126: meter.volts: `length` means nothing for uint16 (take it out, or change the type)',
    )),
    Broken('DM127', 'alarm: {high: 9, high_high: 11}', 'alarm: {high: 12, high_high: 11}', (
        '41:49: warning DM127: s1.amps: its limits are not in order (low_low < low < high < high_high; `when` belongs to a bool)',
    )),
    Broken('DM128', 'reset: {at: "co:0", type: bool, access: w, pulse: 200ms}', 'mode: {at: "hr:0", type: enum, access: rw, enum: {0: x, 1: x}}', (
        '52:150: error DM128: meter.mode: x stands for more than one code (give each code its own name)',
    )),
    Broken('DM129', '    connection: opc\n', '    connection: opc\n    unit: 3\n', (
        '56:11: warning DM129: m1: opcua has no units (take it out)',
    )),
    Broken('DM130', 'lost_after: 2s', 'lost_after: 900ms', (
        '44:69: error DM130: s1: lost after 0.9 s, but a beat may take 1 (lost_after: at least twice `every`, and three polls of `watch`)',
    )),
    Broken('DM131', 'timeout: 150ms}', 'timeout: 20ms}', (
        '46:114: error DM131: s1: decision waits 20 ms, its ack is read every 20 ms (a longer timeout, or a faster poll)',
    )),
    Broken('DM132', '  com: {type', '  plc2: {type: modbus-tcp, host: 10.0.0.1, unit: 2}\n  com: {type', (
        '9:9: warning DM132: plc2: plc goes to the same place (one connection with `unit:` per device: one request at a time on a line)',
    ), '  p2: {kind: io, connection: plc2, tags: {}}\n'),
    Broken('DM133', '      0: {destination', '      4: {destination', (
        '50:10: error DM133: s1: lane 4 is not one of 0..3 (widen the range, or take the lane out)',
    )),
    Broken('DM134', 'hr:0-19", "co:0-9"]}', 'hr:0-19", "co:0-9"], forbidden: ["ir:13"]}', (
        '41:18: error DM134: s1.amps: ir:12 float32 is read, but ir:13 is forbidden (`access: w`, another address, or a smaller `forbidden`)',
    )),
    Broken('DM134 of a device', 'meter: {kind: io, connection: bus, unit: 3,', 'meter: {kind: io, connection: bus, unit: 3, forbidden: ["ir:0-3", "co:0"],', (
        '52:97: error DM134: meter.volts: ir:0 uint16 is read, but ir:0-3 is forbidden (`access: w`, another address, or a smaller `forbidden`)',
    )),
    Broken('DM135', '["hr:0-19", "co:0-9"]', '["hr:0-19", "ir:3"]', (
        '5:69: error DM135: plc: ir:3 can only be read (co: and hr: can be written)',
    )),
    Broken('DM136', 'reset: {at: "co:0", type: bool, access: w,', 'reset: {at: "hr:30", type: uint16, access: w,', (
        '52:154: error DM136: meter.reset: uint16 has no pulse (`type: bool`, or take `pulse` out)',
    )),
    Broken('DM136 of several', 'reset: {at: "co:0", type: bool, access: w,', 'reset: {at: "co:0", type: bool, count: 4, access: w,', (
        '52:161: error DM136: meter.reset: an array of 4 has no pulse (`type: bool`, or take `pulse` out)',
    )),
    Broken('DM137', 'type: uint16, scale: 0.1}', 'type: uint16, scale: 0.1, unit: "3"}', (
        '52:106: warning DM137: meter.volts: `unit: 3` is what people read behind the value (`V`, `m/s`...; the number of a unit on a Modbus line is said at the device)',
    )),
    Broken('DM138', 'w1: {kind: scale, connection: desk,', 'w1: {kind: scale, connection: desk, zero_within: 60g,', (
        '66:52: error DM138: w1: 60 g count as zero, and from 50 g on it is not empty (zero_within < empty_below < what is weighed)',
    )),
    Broken('DM138 of its range', 'w1: {kind: scale, connection: desk,', 'w1: {kind: scale, connection: desk, range: [0, 40],', (
        '66:46: error DM138: w1: at most 40 g are weighed, and all of that counts as empty (zero_within < empty_below < what is weighed)',
    )),
    Broken('DM139 of a scale', 'w1: {kind: scale, connection: desk,', 'w1: {kind: scale, connection: desk, range: [30000, 0],', (
        '66:46: error DM139: w1: 30000 is not below 0 (the smaller number first)',
    )),
    Broken('DM139', 'range: [0, 2.5]', 'range: [2.5, 0]', (
        '40:84: error DM139: s1.speed: 2.5 is not below 0 (the smaller number first)',
    )),
    Broken('DM126 a unit', 'type: enum, poll: fast, enum: {0: none, 1: accepted}', 'type: enum, unit: m, poll: fast, enum: {0: none, 1: accepted}', (
        '30:44: warning DM126: s1.code: `unit` means nothing for enum (take it out, or change the type)',
    )),
    Broken('DM126 a permission of what is read', 'amps: {at: "ir:12", type: float32,', 'amps: {at: "ir:12", permission: admin, type: float32,', (
        '41:39: warning DM126: s1.amps: `permission` means nothing for what is only read (take it out, or change the type)',
    )),
    Broken('DM126 a poll of what is written', 'type: bool, access: w, pulse: 200ms', 'type: bool, access: w, poll: fast, pulse: 200ms', (
        '52:150: warning DM126: meter.reset: `poll` means nothing for what is only written (take it out, or change the type)',
    )),
    Broken('DM126 a pulse of what is read', 'type: bool, access: w, pulse: 200ms', 'type: bool, pulse: 200ms', (
        '52:140: warning DM126: meter.reset: `pulse` means nothing for what is only read (take it out, or change the type)',
    )),
    Broken('DM129 of a lamp', 'lights: [A-01, A-02]', 'lights: {A-01: {}, A-02: {unit: 3}}', (
        '62:37: warning DM129: z1: mqtt has no units (take it out)',
    )),
    Broken('everything at once', 'scale: 0.1}', 'scael: 0.1}', (
        "52:88: devices.meter.tags.volts.scael: there is no such key here (did you mean 'scale'?)",
        "67:61: devices.g2.framing.strat: there is no such key here (did you mean 'start'?)",
    ), '  g2: {kind: scanner, connection: com, framing: {end: "\\r", strat: x}}\n'),
    Broken('rules beside mistakes of writing', 'jam: lane1.jam}', 'jam: lane1.jma, colour: red}', (
        '49:66: devices.s1.lanes.1.colour: there is no such key here',
        '67:35: error DM121: g2: g1 is on that serial port (a serial port belongs to one device; Modbus RTU alone is a bus)',
    ), '  g2: {kind: scanner, connection: com, framing: {end: "\\r"}}\n'),
)  # fmt: skip
