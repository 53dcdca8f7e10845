"""How far the walking rules lie above the optimum on random lists, beside published means."""

import pytest

from routing.layout import Layout, layout_from
from tests.benchmarks.policies import POLICIES, SITE, detours

LISTS, WITHIN = 40, 6.0  # lists of each length; percent points
MEANS = {  # percent above the optimum, 20 x 50 bays in one block, corner depot, 150 lists each
    5: (26, 27, 6, 6, 7),
    10: (35, 44, 5, 5, 12),
    20: (37, 54, 7, 5, 13),
    40: (26, 56, 12, 6, 10),
    80: (9, 58, 24, 14, 5),
}


@pytest.fixture(scope="module")
def layout() -> Layout:
    return layout_from(SITE, "20 x 50")


@pytest.mark.parametrize("picks", MEANS)
def test_the_rules_are_as_far_from_the_optimum_as_is_known(layout: Layout, picks: int) -> None:
    found = detours(layout, picks, LISTS)
    for policy, known in zip(POLICIES, MEANS[picks], strict=True):
        assert abs(found[policy].mean_percent - known) < WITHIN, (policy, found[policy])
    assert found["combined"].mean_percent <= found["s_shape"].mean_percent
