"""What the semantic pass says of conditions, methods and security of OPC UA."""

from pathlib import Path

import pytest

from devices.map.check import check
from devices.map.load import MapErrors, load_map
from devices.map.schema import Merge, OpcUa

MAP = """\
devicemap: 1
site: {code: T, gln: "9506000134352", timezone: UTC}
connections:
  opc:
    type: opcua
    url: opc.tcp://10.0.0.2:4840
    security: {policy: Aes128Sha256RsaOaep, mode: SignAndEncrypt}
    user: line1
    password: {secret: OPC_PASSWORD}
    namespaces: {p: "urn:plant"}
  plc: {type: modbus-tcp, host: 10.0.0.1}
devices:
  m1:
    kind: merge-lift
    connection: opc
    tags:
      beat: {node: "p;s=Beat", type: uint32}
      gw: {node: "p;s=Gw", type: uint32, access: w}
      full: {node: "p;s=Full", type: bool}
      hold: {node: "p;s=Hold", type: bool, access: rw}
      prio: {node: "p;s=Prio", type: uint16, access: rw}
      jam: {node: "p;s=Jam", type: bool, alarm: {from: opcua-condition, node: "p;s=JamAlarm"}}
    handshakes: {heartbeat: {watch: beat, drive: gw, every: 500ms, lost_after: 3s}}
    methods:
      release_lane: {object: "p;s=M", method: "p;s=M.Go", in: {lane: uint16}, out: {ticket: uint32}}
    lanes:
      1: {full: full, hold: hold, priority: prio, release: release_lane}
  m2: {kind: io, connection: plc, tags: {jam: {at: "di:1", type: bool}}}
"""


def test_a_secured_map_is_clean_and_nothing_is_opened(tmp_path: Path) -> None:
    """Certificates that are not there are errors of `run`."""
    file = tmp_path / "devices.yaml"
    file.write_text(MAP)
    made = load_map(file)
    assert check(made) == []
    opc, merge = made.connections["opc"], made.devices["m1"]
    assert isinstance(opc, OpcUa)
    assert opc.security is not None
    assert opc.security.policy == "Aes128_Sha256_RsaOaep"
    assert opc.security.trust == "pki/trusted"
    assert isinstance(merge, Merge)
    assert merge.methods["release_lane"].takes == {"lane": "uint16"}


@pytest.mark.parametrize(
    ("old", "new", "code", "says"),
    [
        ('{at: "di:1", type: bool}',
         '{at: "di:1", type: bool, alarm: {from: opcua-condition, node: "p;s=A"}}',
         "DM140", "m2.jam: modbus-tcp tells no conditions"),
        (', node: "p;s=JamAlarm"', "", "DM141", "which condition of the server it is"),
        ('"p;s=JamAlarm"', '"q;s=JamAlarm"', "DM101", "m1: there is no namespace q"),
        ('"p;s=M.Go"', '"q;s=M.Go"', "DM101", "m1: there is no namespace q"),
        ("tags: {jam", 'methods: {go: {object: "p;s=M", method: "p;s=G"}}, tags: {jam',
         "DM142", "m2: modbus-tcp has no methods"),
        ("release: release_lane", "release: release_lain", "DM101",
         "m1: there is no method release_lain"),
        ("in: {lane: uint16}", "in: {}", "DM143",
         "release_lane is called with the number of lane 1 alone"),
    ],
)  # fmt: skip
def test_a_rule_finds_its_mistake(tmp_path: Path, old: str, new: str, code: str, says: str) -> None:
    assert old in MAP
    file = tmp_path / "devices.yaml"
    file.write_text(MAP.replace(old, new))
    (found,) = check(load_map(file))
    assert (found.code, found.level) == (code, "error")
    assert says in found.text
    assert found.hint


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("security: {policy: Aes128Sha256RsaOaep, mode: SignAndEncrypt}", "insecure: true",
         "a user is never told over a line without security"),
        ("    password: {secret: OPC_PASSWORD}\n", "", "`user` and `password` belong together"),
        ("SignAndEncrypt", "None", "mode"),
        ("Aes128Sha256RsaOaep", "Basic128Rsa15", "policy"),
        ("    user: line1", "    insecure: true\n    user: line1", "exclude each other"),
        ("    user: line1", "    user_key: k.pem\n    user: line1", "`user_certificate` and"),
        ("opc.tcp://10", "http://10", "url"),
    ],
)  # fmt: skip
def test_security_that_makes_no_sense_is_not_loaded(
    tmp_path: Path, old: str, new: str, says: str
) -> None:
    file = tmp_path / "devices.yaml"
    file.write_text(MAP.replace(old, new))
    with pytest.raises(MapErrors, match=says):
        load_map(file)
