"""Serves one host as a process: secrets from the environment, its journal in the state folder."""

import argparse
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from simulators import process
from simulators.hosts.app import Book, Host
from simulators.hosts.http import LOOPBACK, Handler, serving
from simulators.hosts.journal import Journal

CONTROL_TOKEN = "CONTROL_TOKEN"


def parser(about: str) -> argparse.ArgumentParser:
    made = process.parser(about)
    made.add_argument("--state", type=Path, required=True, help="folder of what it keeps")
    return made


@asynccontextmanager
async def opened(
    book: Book, id: str, folder: Path, secret: str, *, honours_keys: bool = True
) -> AsyncIterator[Host]:
    """The host with everything it acted on before; `secret` names its bearer token."""
    folder.mkdir(parents=True, exist_ok=True)
    journal = Journal(folder / f"{id}.jsonl")
    token, control = os.environ[secret], os.environ[CONTROL_TOKEN]
    try:
        yield Host(book, journal, token=token, control_token=control, honours_keys=honours_keys)
    finally:
        journal.close()


@asynccontextmanager
async def listening(place: process.Place, handler: Handler) -> AsyncIterator[None]:
    async with serving(handler, place.tcp_port) as port:
        process.ready(place.id, {"url": f"http://{LOOPBACK}:{port}"})
        yield
