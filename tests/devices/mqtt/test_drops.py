"""What is not taken is counted by topic, and an alarm until it has stopped for a while."""

from devices.mqtt_drops import AT_MOST, FRESH_S, Drops


class Hand:
    at = 0.0

    def __call__(self) -> float:
        return self.at


def test_it_is_counted_said_once_and_forgotten_as_an_alarm() -> None:
    now = Hand()
    drops = Drops(now)
    assert drops.add("ptl", "a/b", "70000 bytes, at most 65536 are taken")
    assert not drops.add("ptl", "a/b", "70001 bytes, at most 65536 are taken")
    assert drops.counts() == {("ptl", "a/b"): 2}
    said = "2 messages on a/b were not taken: 70001 bytes, at most 65536 are taken"
    assert drops.alarms() == {"ptl": said}
    now.at = FRESH_S + 1
    assert drops.alarms() == {}
    assert drops.counts() == {("ptl", "a/b"): 2}


def test_a_publisher_that_invents_topics_costs_no_memory() -> None:
    drops = Drops(Hand())
    for n in range(AT_MOST + 9):
        drops.add("ptl", f"t/{n}", "why")
    assert len(drops.counts()) == AT_MOST
    assert ("ptl", "t/8") not in drops.counts()
