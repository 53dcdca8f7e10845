"""How long things took: a histogram of fixed size, good to 5 percent from 1 us to 1,000 s."""

from math import log

STEP = 1.05
SMALLEST_MS = 0.001
BUCKETS = int(log(1e9, STEP)) + 2


class Timings:
    """`quantile_ms` gives the upper edge of the bucket that holds the quantile."""

    def __init__(self) -> None:
        self._buckets = [0] * BUCKETS
        self.count = 0
        self.max_ms = self.sum_ms = 0.0

    def add(self, ms: float) -> None:
        bucket = int(log(max(ms, SMALLEST_MS) / SMALLEST_MS, STEP)) + 1
        self._buckets[min(bucket, BUCKETS - 1)] += 1
        self.count += 1
        self.sum_ms += ms
        self.max_ms = max(self.max_ms, ms)

    def quantile_ms(self, quantile: float) -> float:
        """0.0 while nothing was measured."""
        wanted, seen = quantile * self.count, 0
        for bucket, count in enumerate(self._buckets):
            seen += count
            if count and seen >= wanted:
                return min(SMALLEST_MS * STEP**bucket, self.max_ms)
        return 0.0

    def summary(self) -> dict[str, float]:
        return {
            "p50": round(self.quantile_ms(0.5), 3),
            "p99": round(self.quantile_ms(0.99), 3),
            "max": round(self.max_ms, 3),
        }
