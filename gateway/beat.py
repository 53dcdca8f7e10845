"""The pulse of the loop: a PLC hears our heartbeat only while this counts on."""


class Beat:
    """`count` rises once per turn of the loop, each after a round trip through the store."""

    def __init__(self) -> None:
        self.count = 0

    def turn(self) -> None:
        self.count += 1
