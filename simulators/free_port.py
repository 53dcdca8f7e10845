"""A port for a server that cannot say which one it got."""

import random
import socket

BELOW_EPHEMERAL = range(20_000, 32_000)
"""The kernel gives none of these away by itself (ip_local_port_range begins at 32768)."""


def free_port() -> int:
    """Free at this moment; nobody takes it by accident."""
    chance = random.SystemRandom()
    while True:
        port = chance.choice(BELOW_EPHEMERAL)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
