"""The command line beside a running gateway, and what it refuses, in one sentence each."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import pytest
import pytest_asyncio

from tests.flows.warehouse import (
    CONFIG,
    ROOT,
    Warehouse,
    free_port,
    gateway_command,
    until,
    warehouse,
)

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]
WITHIN_S = 30.0
ONLY = ("world", "broker", "shop", "erp", "carrier")


class Said(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def sentence(self) -> str:
        """The one line for a person; a traceback is none."""
        lines = [line for line in self.err.splitlines() if line.startswith("wedge: ")]
        assert len(lines) == 1 and "Traceback" not in self.err, self.err
        return lines[0]


async def wedge(*arguments: str) -> Said:
    return await _ended(sys.executable, "-m", "gateway", *arguments)


async def _ended(*command: str) -> Said:
    process = await asyncio.create_subprocess_exec(
        *command, cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    try:
        async with asyncio.timeout(WITHIN_S):
            out, err = await process.communicate()
    except TimeoutError:
        process.kill()
        raise
    return Said(process.returncode or 0, out.decode(), err.decode())


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Warehouse]:
    """A gateway that knows one order and has told the shop about it."""
    async with warehouse(tmp_path_factory.mktemp("line"), only=ONLY) as made:
        await made.control("POST", "/play/order", {})
        await until(lambda: _told(made), WITHIN_S, "the shop heard of its order")
        yield made


async def _told(house: Warehouse) -> bool:
    told = await house.director.breaks.control("shop", "GET", "told")
    return bool(told["told"].get("acknowledged"))


@pytest.mark.parametrize(
    "command",
    [
        *("orders", "stock", "stock list", "outbox", "outbox list"),
        *("events", "status", "replay", "check"),
    ],
)
async def test_json_of_every_command_parses(house: Warehouse, command: str):
    where = {"replay": [str(house.data)], "check": [str(CONFIG)]}
    said = await wedge(*command.split(), *where.get(command, ["--data", str(house.data)]), "--json")

    assert said.code == 0, said.err
    assert json.loads(said.out) or command == "check"


async def test_one_message_is_shown_as_json(house: Warehouse):
    listed = json.loads((await wedge("outbox", "list", "--data", str(house.data), "--json")).out)

    said = await wedge("outbox", "show", listed[0]["id"], "--data", str(house.data))

    assert said.code == 0 and json.loads(said.out)["id"] == listed[0]["id"]


async def test_a_message_that_is_not_parked_is_not_sent_again(house: Warehouse):
    listed = json.loads((await wedge("outbox", "list", "--data", str(house.data), "--json")).out)

    said = await wedge("outbox", "retry", listed[0]["id"], "--data", str(house.data))

    assert said.code == 1 and "not parked" in said.out


async def test_what_a_gateway_keeps_is_its_users_alone(house: Warehouse):
    kept = [path for path in house.data.rglob("*") if path.is_file()]

    assert any(path.name == "wedge.db" for path in kept)
    assert [path for path in kept if path.stat().st_mode & 0o077] == []


async def test_a_second_gateway_on_the_same_data_is_refused(house: Warehouse):
    said = await _ended(*gateway_command(house.data, free_port()))

    assert said.code == 2
    assert "another gateway" in said.sentence and "its own data folder" in said.sentence


async def test_a_taken_port_is_one_sentence(house: Warehouse, tmp_path: Path):
    port = int(house.director.gateway.url.rpartition(":")[2])

    said = await _ended(*gateway_command(tmp_path, port))

    assert said.code == 2 and f"{port} cannot be taken" in said.sentence


async def test_beyond_this_box_only_with_tls_and_people(tmp_path: Path):
    said = await _ended(*gateway_command(tmp_path, free_port(), "--host", "0.0.0.0"))

    assert said.code == 2
    assert "TLS" in said.sentence and "people" in said.sentence


async def test_a_site_with_a_misspelt_key_does_not_pass_the_check(tmp_path: Path):
    for file in CONFIG.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    text = (tmp_path / "devices.yaml").read_text()
    (tmp_path / "devices.yaml").write_text(text.replace("protocol: mt-sics", "protocoll: mt-sics"))

    said = await wedge("check", str(tmp_path))

    assert said.code == 2 and "protocoll" in said.err and "Traceback" not in said.err


async def test_what_is_not_there_is_one_sentence(tmp_path: Path):
    told = await asyncio.gather(
        wedge("orders", "--data", str(tmp_path)),
        wedge("status", "--data", str(tmp_path)),
        wedge("replay", str(tmp_path / "nowhere.db")),
        wedge("check", str(tmp_path / "nowhere")),
        wedge("simulate", str(tmp_path / "nowhere")),
        wedge("demo", "--config", str(tmp_path / "nowhere"), "--exit"),
        wedge("replay", str(CONFIG / "site.yaml")),
    )

    assert [said.code for said in told] == [2] * len(told)
    assert all(said.sentence for said in told)
