"""A rule that accepts everything: what a benchmark of the machinery decides with."""

from functools import partial
from typing import Any

from wcs.ports import Rule, Tx


def accept(observation: Any) -> Rule:
    return partial(_accepted, observation)


def _accepted(observation: Any, tx: Tx) -> None:
    tx.answer("accepted")
