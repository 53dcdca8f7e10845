"""`wedge check` and `wedge map` as an engineer meets them: files, real wires, exit codes."""

import asyncio
import json
import struct
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from typer.testing import CliRunner

from devices.map.load import load_map
from gateway.cli import app
from tests.devices.tags.opc_peer import Peer, peer
from tests.devices.tags.stations import Bench, on_tcp

DEMO = Path(__file__).parents[2] / "config" / "demo"
METER = """\
devicemap: 1
site: {code: T, gln: "1", timezone: UTC}
connections: {plc: {type: modbus-tcp, host: 127.0.0.1, port: PORT}}
devices:
  meter:
    kind: io
    connection: plc
    tags:
      volts: {at: "ir:10", type: uint16, scale: 0.1, unit: V}
      amps: {at: "ir:20", type: float32, unit: A}
      gone: {at: "hr:400", type: uint16}
"""


class Said(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def answer(self) -> Any:
        return json.loads(self.out)


def wedge(*arguments: object) -> Said:
    done = CliRunner().invoke(app, [str(one) for one in arguments])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return Said(done.exit_code, done.stdout, done.stderr)


async def beside(*arguments: object) -> Said:
    """While the wires of this loop go on."""
    return await asyncio.to_thread(wedge, *arguments)


def site(tmp_path: Path, **replaced: str) -> Path:
    for file in DEMO.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    for name, edit in replaced.items():
        file = tmp_path / f"{name}.yaml"
        old, new = edit.split(" => ")
        assert old in file.read_text()
        file.write_text(file.read_text().replace(old, new, 1))
    return tmp_path


# --- check ----------------------------------------------------------------------------------------


def test_a_clean_site() -> None:
    assert wedge("check", DEMO) == (0, "clean: nothing to complain of\n", "")
    assert wedge("check", DEMO, "--json").answer == []


def test_a_warning_is_no_error(tmp_path: Path) -> None:
    said = wedge("check", site(tmp_path, devices='speed: {at: "ir:12" => speed: {at: "ir:9"'))
    assert said.code == 0
    assert "warning DM107: sorter1.speed: ir:9 uint16 lies over cfm_track" in said.out


def test_a_rule_that_is_broken_is_one(tmp_path: Path) -> None:
    folder = site(tmp_path, devices="distance: 1800mm => distance: 700mm")
    said = wedge("check", folder, "--json")
    assert (said.code, [row["code"] for row in said.answer]) == (1, ["DM113"])
    lines = (Path(folder) / "devices.yaml").read_text().splitlines()
    (at,) = (n for n, line in enumerate(lines, 1) if "distance: 700mm" in line)
    assert said.answer[0]["place"].endswith(f"devices.yaml:{at}:21")


def test_names_and_secrets_have_their_codes_too(tmp_path: Path) -> None:
    file = tmp_path / "devices.yaml"
    text = METER.replace("PORT", "502").replace("connection: plc", "connection: plk")
    broker = "connections: {b: {type: mqtt, host: h, client_id: c, user: u, password: geheim}, "
    file.write_text(text.replace("connections: {", broker))
    said = wedge("check", file, "--json")
    assert {row["code"] for row in said.answer} == {"DM101", "DM118"}
    assert "geheim" not in said.out and said.code == 1


def test_every_file_of_a_site_is_looked_at_in_one_run(tmp_path: Path) -> None:
    folder = site(
        tmp_path,
        devices="protocol: mt-sics => protocoll: mt-sics",
        site="name: => nmae:",
    )
    said = wedge("check", folder)
    assert said.code == 2
    assert "there is no such key here (did you mean 'protocol'?)" in said.err
    assert "did you mean 'name'?" in said.err
    assert {row["code"] for row in wedge("check", folder, "--json").answer} == {"DM100"}


def test_a_map_alone_is_checked_too(tmp_path: Path) -> None:
    file = tmp_path / "devices.yaml"
    file.write_text(METER.replace("PORT", "502"))
    assert wedge("check", file).code == 0
    assert wedge("check", tmp_path).code == 0
    file.write_text(METER.replace("PORT", "502").replace("type: float32", "type: flota"))
    assert wedge("check", tmp_path).code == 2
    assert wedge("check", tmp_path / "nowhere").code == 2


def test_certificates_need_not_be_there_yet(tmp_path: Path) -> None:
    folder = site(
        tmp_path,
        devices="insecure: true => security: {policy: Basic256Sha256, mode: SignAndEncrypt,"
        " certificate: nowhere/cert.der}",
    )
    assert wedge("check", folder).code == 0


# --- files ----------------------------------------------------------------------------------------


def test_a_schema_for_editors(tmp_path: Path) -> None:
    assert wedge("map", "schema").answer["$schema"].endswith("2020-12/schema")
    assert wedge("map", "schema", "--out", tmp_path / "s.json").out == ""
    assert json.loads((tmp_path / "s.json").read_text())["title"] == "Wedge device map"


def test_out_as_csv_and_in_again(tmp_path: Path) -> None:
    table, back = tmp_path / "tags.csv", tmp_path / "devices.yaml"
    assert wedge("map", "export", DEMO, "--csv", table).code == 0
    assert wedge("map", "import", "--csv", table, "--out", back).code == 0
    assert load_map(back).model_dump() == load_map(DEMO).model_dump()
    assert wedge("map", "diff", DEMO, back) == (0, "devices to be swapped: none\n", "")


def test_a_table_with_a_mistake_is_refused_at_its_cell(tmp_path: Path) -> None:
    table = tmp_path / "plc.csv"
    table.write_text("device,tag,at,type\nmeter,amps,ir:0,flota\n")
    said = wedge("map", "import", "--csv", table, "--into", DEMO)
    assert said.code == 2 and f"{table}:2:4: devices.meter.tags.amps.type" not in said.out
    assert "meter" in said.err and "Traceback" not in said.err
    assert wedge("map", "import").code == 2


def test_differences_in_words(tmp_path: Path) -> None:
    folder = site(tmp_path, devices="timeout: 150ms, max_gap => timeout: 200ms, max_gap")
    said = wedge("map", "diff", DEMO, folder)
    assert said.code == 1
    assert said.out.splitlines() == [
        "connections.plc_sorter.timeout: 0.15s -> 0.2s",
        "devices to be swapped: sorter1",
    ]
    assert wedge("map", "diff", DEMO, folder, "--json").answer == {
        "changes": [{"what": "changed", "path": "connections.plc_sorter.timeout",
                     "before": "0.15s", "after": "0.2s"}],
        "devices": ["sorter1"],
    }  # fmt: skip


def test_a_tag_more_and_a_tag_less(tmp_path: Path) -> None:
    speed = 'speed: {at: "ir:12", type: uint16, scale: 0.01, unit: m/s, poll: slow}'
    folder = site(tmp_path, devices=f'{speed} => pace: {{at: "ir:12", type: int16}}')
    assert wedge("map", "diff", DEMO, folder).out.splitlines() == [
        "devices.sorter1.tags.speed: removed (type uint16, scale 0.01, unit m/s, at ir:12,"
        " poll slow (2s))",
        "devices.sorter1.tags.pace: added (type int16, at ir:12, poll normal (0.1s))",
        "devices to be swapped: sorter1",
    ]


def test_the_plan_of_the_polls() -> None:
    (opc, plc) = wedge("map", "plan", DEMO, "--json").answer
    assert (opc["connection"], opc["requests_s"]) == ("opc_merge", 10)
    spans = [(one["table"], one["first"], one["count"], one["every_ms"]) for one in plc["reads"]]
    assert spans == [("di", 4, 8, 20), ("hr", 1, 7, 100), ("ir", 0, 12, 20), ("ir", 12, 1, 2000)]
    assert (plc["requests_s"], plc["load_percent"], plc["registers"]) == (110.5, 55.2, 28)
    assert "55.2 % of the line's time" in wedge("map", "plan", DEMO).out


# --- wires ----------------------------------------------------------------------------------------


async def test_a_probe_over_modbus(tmp_path: Path) -> None:
    async with on_tcp(Bench(1)) as bus:
        (tmp_path / "devices.yaml").write_text(METER.replace("PORT", str(bus.port)))
        bus[1].ir[20:22] = reversed(struct.unpack(">2H", struct.pack(">f", 4.25)))
        args = ("map", "probe", "meter", "--config", tmp_path, "--data", tmp_path)
        said, as_json = await beside(*args), await beside(*args, "--json")
    assert said.code == 1  # one of the tags is not there
    volts, amps, gone = as_json.answer
    assert (volts["value"], volts["words"]) == (1.0, [10])
    assert "has no such address" in gone["error"]
    (likely,) = [one for one in amps["readings"] if one["likely"]]
    assert (likely["word_order"], likely["value"]) == ("little", 4.25)
    assert "CDAB" in said.out and "4.25 <- likely" in said.out
    assert "0000 4088" in said.out


async def test_what_cannot_be_probed_is_said(tmp_path: Path) -> None:
    (tmp_path / "devices.yaml").write_text(METER.replace("PORT", "1"))
    args = ("--config", tmp_path, "--data", tmp_path)
    said = await beside("map", "probe", "metre", *args)
    assert said.code == 2 and "did you mean 'meter'?" in said.err
    said = await beside("map", "probe", "meter", *args)
    assert said.code == 2 and "nobody answers at 127.0.0.1:1" in said.err
    said = await beside("map", "probe", "meter", *args, "--through-gateway")
    assert said.code == 2 and "no gateway runs on this folder" in said.err
    said = await beside("map", "probe", "scale1")
    assert said.code == 2 and "it has no tags" in said.err


@pytest.fixture
async def server() -> AsyncIterator[Peer]:
    async with peer() as made:
        yield made


async def test_a_server_becomes_a_map_and_its_tags_are_probed(server: Peer, tmp_path: Path) -> None:
    file = tmp_path / "devices.yaml"
    said = await beside("map", "import", "--opcua", server.url, "--device", "line1", "--out", file)
    assert said.code == 0, said.err
    assert (await beside("check", file)).code == 0
    tags = load_map(file).devices["line1"].tags  # type: ignore[union-attr]
    assert (tags["Line.Speed"].type, tags["Line.Speed"].access) == ("double", "rw")
    some = await beside("map", "import", "--opcua", server.url, "--prefix", "Line.Sp")
    assert some.err == "1 tags\n"
    args = ("map", "probe", "line1", "--config", file, "--data", tmp_path, "--json")
    rows = {row["tag"]: row for row in (await beside(*args)).answer}
    assert rows["Line.Speed"]["error"] == "" and rows["Line.Speed"]["value"] is not None
    more = await beside("map", "import", "--opcua", "opcua", "--into", file, "--device", "again",
                        "--data", tmp_path)  # fmt: skip
    assert more.code == 0 and "  again:" in more.out
    wrong = await beside("map", "import", "--opcua", "opcau", "--into", file)
    assert wrong.code == 2 and "did you mean 'opcua'?" in wrong.err
