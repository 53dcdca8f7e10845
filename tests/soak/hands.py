"""Hands that move cartons while nobody can see it: in the dark, by the world's control side.

Never into a lane to a door: no reader stands behind it, and a carton that somebody puts on the
wrong truck by hand is lost to every system; one that was sorted is not hidden either, as nobody
would miss it.
"""

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any, NamedTuple

WITHIN_REACH = ("rack", "vehicle:", "merge:", "eye", "loop", "lane:")
TO = ("merge:1", "merge:2", "eye", "rack", "hospital")


class Moved(NamedTuple):
    """`to` None: under a conveyor, where who searches finds it."""

    lpn: str
    found: str
    to: str | None

    @property
    def ask(self) -> tuple[str, dict[str, Any]]:
        return (
            ("move", {"lpn": self.lpn, "to": self.to}) if self.to else ("hide", {"lpn": self.lpn})
        )


def meddle(cartons: Sequence[Mapping[str, Any]], chance: Random, at_most: int = 3) -> list[Moved]:
    """cartons: of the world's books."""
    there = [one for one in cartons if one["contents"] and one["place"].startswith(WITHIN_REACH)]
    some = chance.sample(there, min(at_most, len(there)))
    return [_moved(one["lpn"], one["place"], chance) for one in some]


def _moved(lpn: str, found: str, chance: Random) -> Moved:
    hides: tuple[None, ...] = () if found.startswith("lane:") else (None,)
    elsewhere = [to for to in (*TO, *hides) if to != found]
    return Moved(lpn, found, chance.choice(elsewhere))
