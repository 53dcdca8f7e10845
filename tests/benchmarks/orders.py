"""Orders of 25 stops beside their certified optima: one-way aisles, precedence, and both."""

from collections.abc import Iterator
from statistics import mean

from routing.orders import Ordered, Stops, ordered
from tests.benchmarks.processor import time_is_up
from tests.routing.order_instances import BEST, Instance, instances

KINDS = ("one-way", "precedence", "both")
Row = tuple[str, str, str, str]


def rows() -> Iterator[Row]:
    known = [(i, i.stops(), BEST[str(i)]) for i in instances() if str(i) in BEST]
    after(known[0][1], 0.05)  # imports
    for ms in (10, 50):
        found = [(kind(i), after(stops, ms / 1000), best) for i, stops, best in known]
        for name in (*KINDS, "all"):
            some = [(o, best) for k, o, best in found if name in (k, "all")]
            gaps = [100 * (o.cost / best - 1) for o, best in some]
            proved = sum(o.lower_bound == o.cost for o, _ in some)
            title = f"{len(some)} orders of 25 stops, {name}, {ms} ms"
            yield f"{title}, mean", f"+{mean(gaps):.2f} %", f"{proved} proved", "<= 1 %"
            yield f"{title}, worst", f"+{max(gaps):.2f} %", "", "<= 3 %"


def kind(instance: Instance) -> str:
    if instance.order == "free":
        return "one-way"
    return "precedence" if instance.aisles == "two-way" else "both"


def after(stops: Stops, seconds: float) -> Ordered:
    found = ordered(stops, deadline=time_is_up(seconds))
    assert found
    return found
