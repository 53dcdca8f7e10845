"""What a code read from a carton can be: its licence plate, or something else, mostly a tracking
number."""

import re
from collections.abc import Iterable
from typing import Final

from wcs.names import Lpn

PLATE: Final = re.compile(r"L\d{8}")


def is_plate(code: str) -> bool:
    return PLATE.fullmatch(code) is not None


def plates_in(codes: Iterable[str]) -> list[Lpn]:
    """Each plate once, in the order of the read."""
    return [Lpn(code) for code in dict.fromkeys(codes) if is_plate(code)]
