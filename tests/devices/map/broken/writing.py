# ruff: noqa: E501
"""Mistakes of writing: YAML, keys, values, templates."""

from typing import Final

from tests.devices.map.broken.shape import Broken

WRITING: Final = (
    Broken('a tab', '    kind: divert-sorter', '\tkind: divert-sorter', (
        '20:1: a tab: use spaces',
    )),
    Broken('yes and no', 'insecure: true', 'insecure: yes', (
        '7:64: connections.opc.insecure: `yes` is text here: write true or false, or quote it',
    )),
    Broken('a leading zero', 'unit: 3,', 'unit: 03,', (
        '52:44: devices.meter.unit: `03` has a leading zero: quote it, or drop the zero',
    )),
    Broken('an exponent', 'format: "8E1"', 'format: 8E1', (
        '6:66: connections.bus.format: `8E1` is a number to YAML: quote it, or write its digits',
    )),
    Broken('a duplicate key', '    connection: plc\n', '    connection: plc\n    connection: plc\n', (
        '22:5: devices.s1.connection: duplicate key (the first is in line 21)',
    )),
    Broken('a number and its text', '      0: {destination: ROUND', '      "1": {destination: ROUND', (
        '50:7: devices.s1.lanes.1: duplicate key (the first is in line 49)',
    )),
    Broken('an anchor used', 'lights: [A-01, A-02]', 'lights: [&a A-01, *a]', (
        '62:23: anchors and aliases are not used here; write a template',
    )),
    Broken('a tag of YAML', 'code: T,', 'code: !!python/name:os.system T,', (
        '2:14: site.code: tags of YAML are not used here: tag:yaml.org,2002:python/name:os.system',
    )),
    Broken('an older YAML', 'devicemap: 1\n', '%YAML 1.1\n---\ndevicemap: 1\n', (
        '1:1: directives are not used here: a map is YAML 1.2',
    )),
    Broken('two documents', 'connections:\n', '---\nconnections:\n', (
        '4:1: not YAML: expected a single document in the stream, but found another document',
    )),
    Broken('a huge number', 'baud: 9600', 'baud: 1' + 99 * '0' + '', (
        '9:45: connections.com.baud: a number of more than 64 bits',
    )),
    Broken('infinity', 'scale: 0.01', 'scale: .inf', (
        '40:60: devices.s1.tags.speed.scale: must be a finite number',
    )),
    Broken('a bracket left open', 'lights: [A-01, A-02]', 'lights: [A-01, A-02', (
        "63:5: not YAML: expected ',' or ']', but got ':'",
    )),
    Broken('a newer format', 'devicemap: 1', 'devicemap: 2', (
        '1:12: devicemap: format 2 is newer than this program: update it',
    )),
    Broken('no format', 'devicemap: 1\n', '', (
        '1:1: devicemap: is missing: a map says `devicemap: 1`',
    )),
    Broken('an unknown section', 'templates:', 'tempaltes:', (
        "12:1: tempaltes: there is no such key here (did you mean 'templates'?)",
        '22:26: devices.s1.include.0.template: there is no template lane',
    )),
    Broken('an unknown key of a tag', 'scale: 0.1}', 'scael: 0.1}', (
        "52:88: devices.meter.tags.volts.scael: there is no such key here (did you mean 'scale'?)",
    )),
    Broken('an unknown key of a connection', 'timeout: 150ms, w', 'timeuot: 150ms, w', (
        "5:43: connections.plc.timeuot: there is no such key here (did you mean 'timeout'?)",
    )),
    Broken('an unknown kind', 'kind: divert-sorter', 'kind: diverter', (
        "20:11: devices.s1.kind: 'diverter' is none of scanner, pick-to-light-zone, vda5050-fleet, merge-lift, divert-sorter, scale, zpl-printer, door, io (did you mean 'divert-sorter'?)",
    )),
    Broken('no kind', 'kind: merge-lift', 'area: X', (
        '54:5: devices.m1.kind: is missing',
    )),
    Broken('an unknown type', 'volts: {at: "ir:0", type: uint16', 'volts: {at: "ir:0", type: uint61', (
        "52:80: devices.meter.tags.volts.type: 'uint61' is none of bool, int16, uint16, int32, uint32, int64, uint64, float32, float64, float, double, bcd16, bcd32, string, enum, bits (did you mean 'uint64'?)",
    )),
    Broken('a number without its unit', 'timeout: 150ms, w', 'timeout: 150, w', (
        '5:52: connections.plc.timeout: 150 is not a quantity like 250ms, 2s, 10min',
    )),
    Broken('an address of no table', 'volts: {at: "ir:0"', 'volts: {at: "xr:0"', (
        "52:66: devices.meter.tags.volts.at: 'xr:0' is not an address like ir:8 or hr:10.3",
    )),
    Broken('an address beyond', 'volts: {at: "ir:0"', 'volts: {at: "ir:65536"', (
        "52:66: devices.meter.tags.volts.at: 'ir:65536' lies outside 0..65535",
    )),
    Broken('an unknown poll class', 'name: {at: "ir:14", type: string, length: 8, poll: once}', 'name: {at: "ir:14", type: string, length: 8, poll: often}', (
        "42:58: devices.s1.tags.name.poll: 'often' is not a poll class (fast, normal, slow, once)",
    )),
    Broken('an unknown connection', 'connection: opc\n', 'connection: opcc\n', (
        "55:17: devices.m1.connection: there is no connection opcc (did you mean 'opc'?)",
    )),
    Broken('a device that is a list', '  w1: {kind: scale, connection: desk, protocol: mt-sics}', '  w1: [scale]', (
        '66:7: devices.w1: must be a block of keys',
    )),
    Broken('a handshake that is a text', '      confirm: {style: event, seq: c_seq, data: [c_track, c_lane, c_how], ack: c_ack}', '      confirm: fast', (
        '47:16: devices.s1.handshakes.confirm: must be a block of keys',
    )),
    Broken('an unknown style', 'confirm: {style: event', 'confirm: {style: events', (
        "47:24: devices.s1.handshakes.confirm.style: 'events' is none of heartbeat, event, command, target, pulse, toggle (did you mean 'event'?)",
    )),
    Broken('an enum without a table', 'type: enum, poll: fast, enum: {0: none, 1: diverted}', 'type: enum, poll: fast', (
        '38:14: devices.s1.tags.c_how: `type: enum` and the table `enum` belong together',
    )),
    Broken('no security said', 'insecure: true, ', '', (
        '7:8: connections.opc: security is missing; `insecure: true` says that none is wanted',
    )),
    Broken('a password in clear text', 'client_id: wedge}', 'client_id: wedge, user: u, password: geheim}', (
        '8:77: connections.broker.password: a secret in clear text: write {secret: NAME} instead (its value comes from the environment or from secrets.json)',
    )),
    Broken('a quantity too large', 'every: 500ms, lost_after: 3s', 'every: 500ms, lost_after: ' + 400 * '9' + 's', (
        "57:80: devices.m1.handshakes.heartbeat.lost_after: '99999999999999999999999999999999999999999999999999999999... is too large",
    )),
    Broken('an unknown template', 'template: lane,', 'template: lain,', (
        "22:26: devices.s1.include.0.template: there is no template lain (did you mean 'lane'?)",
    )),
    Broken('a parameter too few', 'as: lane1, n: 1}', 'as: lane1}', (
        '22:15: devices.s1.include.0: the template needs `n`',
    )),
    Broken('a parameter too many', 'as: lane1, n: 1}', 'as: lane1, n: 1, m: 2}', (
        '22:49: devices.s1.include.0.m: there is no such key here',
    )),
    Broken('a product', '"di:${3+n}"', '"di:${3*n}"', (
        '16:18: templates.lane.tags.full.at: ${3*n}: only ${name} and ${name+integer} are understood',
    )),
    Broken('an unknown parameter', '"di:${3+n}"', '"di:${3+m}"', (
        '16:18: templates.lane.tags.full.at: ${3+m}: the template has no parameter m',
    )),
    Broken('an unknown key of a template', '    params: [n]', '    parms: [n]', (
        "14:5: templates.lane.parms: there is no such key here (did you mean 'params'?)",
        '22:43: devices.s1.include.0.n: there is no such key here',
    )),
    Broken('a text for a number', 'as: lane1, n: 1}', 'as: lane1, n: one}', (
        "16:18: templates.lane.tags.full.at: ${3+n}: n is 'one', not an integer",
        "17:17: templates.lane.tags.jam.at: ${n+6}: n is 'one', not an integer",
    )),
    Broken('a tag there already', 'as: lane1, n: 1}]', 'as: lane1, n: 1}, {template: lane, as: lane1, n: 2}]', (
        '22:50: devices.s1.include.1: there is a tag lane1.full already',
        '22:50: devices.s1.include.1: there is a tag lane1.jam already',
    )),
)  # fmt: skip
