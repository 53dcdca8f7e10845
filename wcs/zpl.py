"""The exception label: what a person reads on a carton that must not leave. Pure text."""

from typing import Final

LETTERS: Final = 60
"""Of the reason; more does not fit on 4 inches at this size."""


def exception_label(key: str, why: str) -> str:
    """ZPL II (Zebra ZPL II programming guide: ^FO origin, ^A0 font, ^FB block, ^FD data)."""
    return (
        "^XA^CI28"
        "^FO40,40^A0N,90,90^FDEXCEPTION^FS"
        f"^FO40,160^A0N,50,50^FDcarton {_plain(key)}^FS"
        f"^FO40,240^A0N,40,40^FB720,4^FD{_plain(why)[:LETTERS]}^FS"
        "^XZ"
    )


def _plain(text: str) -> str:
    """Without the characters that ZPL takes for commands, and without control characters."""
    return "".join(" " if letter in "^~\\" or letter < " " else letter for letter in text)
