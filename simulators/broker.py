"""The MQTT broker of the demo: Mosquitto where it is installed, else amqtt.

Keeps its port and what it retained over a restart: everything it owns lies in its `--state` folder.
"""

import asyncio
import getpass
import logging
import os
import shutil
import sys
from pathlib import Path

from simulators import process
from simulators.free_port import free_port
from simulators.prctl import die_with_parent

LIMITS = (
    "Mosquitto is not installed, amqtt stands in: it forgets retained messages and sessions when"
    " it restarts and is slower (Debian: apt-get install mosquitto)."
)


def mosquitto() -> str | None:
    """Debian puts it where the PATH of a user may not look."""
    path = os.environ.get("PATH", os.defpath) + os.pathsep + "/usr/sbin"
    return shutil.which("mosquitto", path=path)


def settings(port: int, folder: Path, user: str) -> str:
    return f"""\
listener {port} {process.LOOPBACK}
allow_anonymous true
set_tcp_nodelay true
persistence true
persistence_location {folder}/
autosave_interval 1
max_queued_messages 10000
user {user}
log_dest stderr
log_type error
log_type warning
"""


async def run_mosquitto(program: str, place: process.Place, folder: Path) -> None:
    port = place.tcp_port or free_port()
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "mosquitto.conf"
    config.write_text(settings(port, folder, getpass.getuser()), encoding="utf-8")
    broker = await asyncio.create_subprocess_exec(
        program, "-c", str(config), stdin=asyncio.subprocess.DEVNULL, preexec_fn=die_with_parent
    )
    try:
        await _listening(port, broker)
        process.ready(place.id, {"host": process.LOOPBACK, "port": port})
        code = await broker.wait()
        sys.exit(f"mosquitto ended by itself with {code}")
    finally:
        if broker.returncode is None:
            broker.terminate()  # it saves what it retains
            await broker.wait()


async def _listening(port: int, broker: asyncio.subprocess.Process) -> None:
    while broker.returncode is None:
        try:
            _, line = await asyncio.open_connection(process.LOOPBACK, port)
        except OSError:
            await asyncio.sleep(0.01)
        else:
            line.close()
            return
    sys.exit(f"mosquitto did not start on port {port}")


async def run_amqtt(place: process.Place) -> None:
    from amqtt.broker import Broker

    print(LIMITS, file=sys.stderr)
    for talkative in ("amqtt", "transitions"):
        logging.getLogger(talkative).setLevel(logging.WARNING)
    port = place.tcp_port or free_port()
    listener = {"type": "tcp", "bind": f"{process.LOOPBACK}:{port}", "max_connections": 100}
    plugins = {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}}
    broker = Broker({"listeners": {"default": listener}, "plugins": plugins})
    await broker.start()
    try:
        process.ready(place.id, {"host": process.LOOPBACK, "port": port})
        await asyncio.Event().wait()
    finally:
        await broker.shutdown()


async def serve(place: process.Place, folder: Path, amqtt: bool) -> None:
    program = None if amqtt else mosquitto()
    if program is not None:
        await run_mosquitto(program, place, folder)
    else:
        await run_amqtt(place)


def main() -> None:
    parser = process.parser(__doc__ or "")
    parser.add_argument("--state", type=Path, required=True, help="folder of what it keeps")
    parser.add_argument("--amqtt", action="store_true", help="also where Mosquitto is installed")
    given = parser.parse_args()
    process.run(lambda: serve(process.place(given), given.state, given.amqtt))


if __name__ == "__main__":
    main()
