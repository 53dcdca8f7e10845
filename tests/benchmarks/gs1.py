"""GS1 codes read per core, with every check, beside a bare split of the same codes.

Processor time of this process, so that a busy machine does not count; medians of alternating runs.
Four kinds of labels, each code another one: an SSCC, a case, a serialised item, goods by weight.
"""

import random
from collections.abc import Callable
from datetime import date
from statistics import median
from time import process_time

from devices.scanner.gs1 import GS
from devices.scanner.gs1_checks import check_digit_of
from devices.scanner.marking import marks_of
from devices.scanner.scan import read

RUNS, CODES = 5, 4000
TODAY = date(2026, 1, 1)
LABELS = (
    "]C100{sscc}",
    "]C102{gtin}37{n}" + GS + "10LOT{n}",
    "]d201{gtin}17261231" + "10LOT{n}" + GS + "21{serial}",
    "]e001{gtin}3103{weight}",
)


def rows() -> list[tuple[str, float, float, str]]:
    """(path, our seconds, the floor's seconds, the bar) for one code."""
    codes = labels(random.Random(1))

    def ours() -> None:
        for code in codes:
            assert not read(code).problems

    def told() -> None:
        for code in codes:
            scan = read(code)
            assert scan.key and marks_of([scan], TODAY)

    def floor() -> None:
        for code in codes:
            code.split(GS)

    bar = "<= 0.020 ms: 50,000/s"
    return [
        ("GS1 code read and checked (floor: split at GS)", *measured(ours, floor), bar),
        ("... with key and mark for the rules", *measured(told, floor), "printed"),
    ]


def labels(chance: random.Random) -> list[str]:
    return [_label(LABELS[number % len(LABELS)], number, chance) for number in range(CODES)]


def _label(form: str, number: int, chance: random.Random) -> str:
    gtin, sscc = f"{chance.randrange(10**13):013}", f"{chance.randrange(10**17):017}"
    return form.format(
        gtin=gtin + check_digit_of(gtin),
        sscc=sscc + check_digit_of(sscc),
        serial=f"S{chance.randrange(10**12)}",
        weight=f"{chance.randrange(10**6):06}",
        n=number,
    )


def measured(ours: Callable[[], None], floor: Callable[[], None]) -> tuple[float, float]:
    """Seconds for one code, medians of alternating runs."""
    seconds(ours)  # warm: imports, kinds of labels
    pairs = [(seconds(ours), seconds(floor)) for _ in range(RUNS)]
    mine, bare = (median(run) / CODES for run in zip(*pairs, strict=True))
    return mine, bare


def seconds(work: Callable[[], None]) -> float:
    begun = process_time()
    work()
    return process_time() - begun


def main() -> None:
    for path, ours, floor, bar in rows():
        print(
            f"{path}: {ours * 1e6:.1f} µs = {1 / ours:,.0f}/s, floor {floor * 1e6:.2f} µs ({bar})"
        )


if __name__ == "__main__":
    main()
