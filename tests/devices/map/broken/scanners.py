# ruff: noqa: E501
"""Scanners that call us, scanners on USB, tunnels: what is wrong with them in a map."""

from typing import Final

from tests.devices.map.broken.shape import Broken

GUN: Final = 'connection: com, framing: {end: "\\r"}'
TUNNEL: Final = 'end: "\\x03"}'
COM: Final = "  com: {type: serial, port: /dev/gun, baud: 9600, format: 8N1}"
CALLS: Final = "  {}: {{type: tcp-server, host: {}, port: 2112, peer: 10.0.0.21}}\n"

SCANNERS: Final = (
    Broken('DM180 of two that call', COM, CALLS.format("dial", "0.0.0.0") + CALLS.format("dial2", "0.0.0.0") + COM, (
        '70:35: error DM180: d2: that is d1 (give each its own scanner: a peer is told by its address)',
    ), '  d1: {kind: scanner, connection: dial, framing: {end: "\\r"}}\n  d2: {kind: scanner, connection: dial2, framing: {end: "\\r"}}\n'),
    Broken('DM186', COM, CALLS.format("dial", "0.0.0.0") + CALLS.format("dial2", "10.0.0.9").replace(".21", ".22") + COM, (
        "10:35: error DM186: dial2: dial listens at port 2112 of 0.0.0.0 already (one `host` for all that call at that port: they are told apart by their `peer`)",
    ), '  d1: {kind: scanner, connection: dial, framing: {end: "\\r"}}\n  d2: {kind: scanner, connection: dial2, framing: {end: "\\r"}}\n'),
    Broken('DM180 on USB', COM, "  usb: {type: hid, match: {usb: '0c2e:0b61'}}\n" + COM, (
        '69:35: error DM180: d2: that is d1 (give each its own scanner: a peer is told by its address)',
    ), '  d1: {kind: scanner, connection: usb, framing: {end: "\\r"}}\n  d2: {kind: scanner, connection: usb, framing: {end: "\\r"}}\n'),
    Broken('DM181', COM, "  usb: {type: hid, port: /dev/input/gun}\n" + COM, (
        '68:80: warning DM181: d1: a scanner on USB hears nothing of us (take it out, or set the scanner to a serial line)',
    ), '  d1: {kind: scanner, connection: usb, framing: {end: "\\r"}, feedback: {style: honeywell}}\n'),
    Broken('DM182', GUN, GUN + ", feedback: {style: zebra-ssi}", (
        '64:80: error DM182: g1: zebra-ssi on a line of text (zebra-ssi goes with `framing: {packets: zebra-ssi}`, the others with `end`)',
    )),
    Broken('DM182 the other way', GUN, "connection: com, framing: {packets: zebra-ssi}, feedback: {style: honeywell}", (
        '64:89: error DM182: g1: honeywell on a line of packets (zebra-ssi goes with `framing: {packets: zebra-ssi}`, the others with `end`)',
    )),
    Broken('DM183', GUN, GUN + ", tunnel: t1", (
        '64:70: error DM183: g1: t1 is no tunnel (name a scanner with `associate`; a tunnel is a head of its own)',
    )),
    Broken('DM183 of nobody', GUN, GUN + ", tunnel: t9", (
        "64:70: error DM101: g1: there is no device t9 (write a name that the map has)",
    )),
    Broken('DM183 without its number', TUNNEL, TUNNEL + ', fields: [trigger, codes], associate: {window: [0ms, 150ms]}', (
        "67:71: error DM183: d1: its frames have no number, and those of t1 are joined by it (name a scanner with `associate`; a tunnel is a head of its own)",
    ), '  d1: {kind: scanner, connection: gate, framing: {end: "\\r"}, fields: [codes], tunnel: t1}\n'),
    Broken('DM184', TUNNEL, TUNNEL + ", associate: {device: s1, event: confirm, window: [-50ms, 200ms]}", (
        '65:111: error DM184: t1: confirm of s1 numbers no cartons (`event: induct` of a divert-sorter)',
    )),
    Broken('DM185', TUNNEL, TUNNEL + ", multi_read: {keep: first, conflict: keep}", (
        '65:92: error DM185: t1: of two plates the one read first would be believed (`conflict: no_read`, or `keep: all` and let the rules see both)',
    )),
    Broken('half an eye', TUNNEL, TUNNEL + ", associate: {device: s1, window: [-50ms, 200ms]}", (
        "65:91: devices.t1.associate: `device` and `event` belong together",
    )),
    Broken('a window that is over before it begins', TUNNEL, TUNNEL + ", associate: {window: [200ms, 100ms]}", (
        "65:91: devices.t1.associate: `window` ends after it begins, and after the moment itself",
    )),
    Broken('a time and a length', TUNNEL, TUNNEL + ", associate: {device: s1, event: induct, encoder: speed, along: [-50mm, 200mm], window: [0ms, 9ms]}", (
        "65:91: devices.t1.associate: needs either `window` or `along`",
    )),
    Broken('a length without an encoder', TUNNEL, TUNNEL + ", associate: {device: s1, event: induct, along: [-50mm, 200mm]}", (
        "65:91: devices.t1.associate: `encoder` and `along` belong together, and to a `device`",
    )),
    Broken('DM101 an encoder', TUNNEL, TUNNEL + ", associate: {device: s1, event: induct, encoder: belt, along: [-50mm, 200mm]}", (
        "65:128: error DM101: t1: there is no tag belt (did you mean 'beat'?)",
    )),
    Broken('a frame with two ends', GUN, 'connection: com, framing: {packets: zebra-ssi, end: "\\r"}', (
        "64:49: devices.g1.framing: needs either `end` or `packets`",
    )),
    Broken('an encoding that hides the ends of frames', GUN, GUN + ", payload: {encoding: utf-16}", (
        "64:82: devices.g1.payload.encoding: 'utf-16' is no encoding of codes: utf-8, latin-1, cp1252, shift_jis...",
    )),
    Broken('a peer by name', COM, "  dial: {type: tcp-server, host: 0.0.0.0, port: 2112, peer: gun.local}\n" + COM, (
        "9:61: connections.dial.peer: 'gun.local' is not an address like 10.0.0.21",
    )),
    Broken('a plate of no form', TUNNEL, TUNNEL + ', multi_read: {plate: "L[0"}', (
        "65:100: devices.t1.multi_read.plate: 'L[0' is no pattern: unterminated character set at position 1",
    )),
)  # fmt: skip
