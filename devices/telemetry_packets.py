"""MQTT 3.1.1 as far as one needs it to publish (OASIS MQTT Version 3.1.1). Pure.

For telemetry only, where thousands of messages a second go one way; whatever waits for an answer
speaks through `devices.mqtt`.
"""

from typing import Final, NamedTuple

CONNACK, PUBLISH, PUBACK, SUBACK, PINGRESP = 2, 3, 4, 9, 13
PINGREQ: Final = b"\xc0\x00"
DISCONNECT: Final = b"\xe0\x00"
AT_LEAST_ONCE, RETAINED = 0b0010, 0b0001
REFUSED: Final = {
    1: "does not speak MQTT 3.1.1",
    2: "does not take our client id",
    3: "is not available",
    4: "does not know this user and password",
    5: "does not let us in",
}
"""3.2.2.3, return codes of CONNACK."""
LARGEST: Final = 64 * 1024
"""Bytes of a packet that a broker may send us; we ask for nothing longer."""


class Malformed(ValueError):
    """What came is not MQTT; the text is for a person."""


class Packet(NamedTuple):
    kind: int
    flags: int
    body: bytes


def connect(client_id: str, keepalive_s: int, user: str | None, password: str | None) -> bytes:
    """With a clean session: nothing waits for us at the broker."""
    flags = 0b10 | (0b1000_0000 if user is not None else 0)
    flags |= 0b0100_0000 if password is not None else 0
    fields = [one for one in (client_id, user, password) if one is not None]
    head = b"\x00\x04MQTT\x04" + bytes([flags]) + keepalive_s.to_bytes(2, "big")
    return _packet(0x10, head + b"".join(text(field) for field in fields))


def publish(topic: bytes, id: int, payload: bytes, *, retained: bool = False) -> bytes:
    """QoS 1. topic: as `text` makes it. id: 1..65535."""
    size = _length(len(topic) + 2 + len(payload))
    first = b"\x33" if retained else b"\x32"
    return b"".join((first, size, topic, id.to_bytes(2, "big"), payload))


def subscribe(id: int, topic: str) -> bytes:
    """QoS 0."""
    return _packet(0x82, id.to_bytes(2, "big") + text(topic) + b"\x00")


def text(value: str) -> bytes:
    """With its length (1.5.3). Raises ValueError beyond 65535 bytes."""
    encoded = value.encode()
    if len(encoded) > 0xFFFF:
        raise ValueError("a text of MQTT has at most 65535 bytes")
    return len(encoded).to_bytes(2, "big") + encoded


def number(packet: Packet) -> int:
    """The packet id of a PUBACK or SUBACK. Raises Malformed."""
    if len(packet.body) < 2:
        raise Malformed("an answer without its number")
    return int.from_bytes(packet.body[:2], "big")


def topic_of(packet: Packet) -> str:
    """Of a PUBLISH. Raises Malformed."""
    end = 2 + int.from_bytes(packet.body[:2], "big")
    if len(packet.body) < max(2, end):
        raise Malformed("a topic that is cut off")
    try:
        return packet.body[2:end].decode()
    except UnicodeDecodeError as err:
        raise Malformed("a topic that is no UTF-8") from err


class Packets:
    """Cuts a byte stream into packets, however the bytes were chopped up."""

    def __init__(self, largest: int = LARGEST) -> None:
        self._buffer, self._largest = b"", largest

    def feed(self, data: bytes) -> list[Packet]:
        """Raises Malformed."""
        buffer, at, found = self._buffer + data, 0, []
        while (ends := self._ends(buffer, at)) is not None:
            start, end = ends
            found.append(Packet(buffer[at] >> 4, buffer[at] & 0x0F, buffer[start:end]))
            at = end
        self._buffer = buffer[at:]
        return found

    def _ends(self, buffer: bytes, at: int) -> tuple[int, int] | None:
        """Where the body of the packet at `at` begins and ends; None while it is not whole."""
        size = shift = 0
        for place in range(at + 1, min(at + 5, len(buffer))):
            byte = buffer[place]
            size |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                if size > self._largest:
                    raise Malformed(f"a packet of {size} bytes")
                end = place + 1 + size
                return (place + 1, end) if end <= len(buffer) else None
        if len(buffer) >= at + 5:
            raise Malformed("a length of more than four bytes")
        return None


def _packet(first: int, rest: bytes) -> bytes:
    return bytes([first]) + _length(len(rest)) + rest


def _length(size: int) -> bytes:
    """Seven bits a byte, the lowest first (2.2.3)."""
    if size < 0x80:
        return bytes((size,))
    made = bytearray()
    while size >= 0x80:
        made.append(size & 0x7F | 0x80)
        size >>= 7
    made.append(size)
    return bytes(made)
