"""AIM symbology identifiers: the three characters `]cm` by which a scanner says what it read.

ISO/IEC 15424: c names the symbology, m an option; for GS1 the option says that FNC1 came first.
"""

from typing import Final, NamedTuple


class Aim(NamedTuple):
    identifier: str
    """`]C1`"""
    symbology: str
    gs1: bool
    """What follows is a GS1 element string."""

    @property
    def retail(self) -> bool:
        """EAN and UPC: a bare number, GS1's as well."""
        return self.identifier[1] == "E"


_SYMBOLOGIES: Final = {
    "A": "Code 39",
    "B": "Telepen",
    "C": "Code 128",
    "D": "Code One",
    "E": "EAN/UPC",
    "F": "Codabar",
    "G": "Code 93",
    "H": "Code 11",
    "I": "Interleaved 2 of 5",
    "J": "DotCode",
    "K": "Code 16K",
    "L": "PDF417",
    "M": "MSI",
    "N": "Anker",
    "O": "Codablock",
    "P": "Plessey",
    "Q": "QR Code",
    "R": "Straight 2 of 5, two bars",
    "S": "Straight 2 of 5, three bars",
    "T": "Code 49",
    "U": "MaxiCode",
    "X": "another bar code",
    "Z": "no bar code",
    "c": "Channel Code",
    "d": "Data Matrix",
    "e": "GS1 DataBar",
    "g": "Grid Matrix",
    "h": "Han Xin",
    "o": "printed text",
    "p": "PosiCode",
    "s": "SuperCode",
    "u": "Ultracode",
    "z": "Aztec",
}
_OPTIONS: Final = "0123456789ABCDEFabcdef"
_NAMED: Final = {
    "]C1": "GS1-128",
    "]E0": "EAN-13",
    "]E1": "two-digit add-on",
    "]E2": "five-digit add-on",
    "]E3": "EAN-13 with add-on",
    "]E4": "EAN-8",
    "]J1": "GS1 DotCode",
    "]J4": "GS1 DotCode",
    "]Q3": "GS1 QR Code",
    "]Q4": "GS1 QR Code",
    "]d2": "GS1 DataMatrix",
    "]d5": "GS1 DataMatrix",
    "]z1": "GS1 Aztec",
    "]z4": "GS1 Aztec",
}
"""Where the option changes the name. 4 and 5 after J, Q, d, z: the same with ECI."""
_GS1: Final = {name for name in _NAMED if name[1] != "E"} | {"]K1", "]T1", "]e0", "]e1", "]e2"}


def _aim(letter: str, option: str) -> Aim:
    identifier = f"]{letter}{option}"
    name = _NAMED.get(identifier, _SYMBOLOGIES[letter])
    return Aim(identifier, name, identifier in _GS1)


_KNOWN: Final = {
    aim.identifier: aim
    for letter in _SYMBOLOGIES
    for option in _OPTIONS
    for aim in [_aim(letter, option)]
}


def split(text: str) -> tuple[Aim | None, str]:
    """The identifier and what follows it; None and the whole text where there is none."""
    aim = _KNOWN.get(text[:3])
    return (aim, text[3:]) if aim else (None, text)
