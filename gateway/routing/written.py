"""Ids are text inside; whoever writes them as whole numbers gets whole numbers back."""

import re
from collections.abc import Mapping
from typing import Any

IDS = ("walk", "visit_order", "orders_of_visit", "nodes")
IN_NUMBERS = re.compile(rb'"(?:start|depot)"\s*:\s*-?\d')


def as_written(answer: Mapping[str, Any], question: str | bytes) -> dict[str, Any]:
    """The answer to a question in JSON, its ids of the same kind as where the walk starts."""
    text = question.encode() if isinstance(question, str) else question
    if not IN_NUMBERS.search(text):
        return {**answer}
    return {key: _number(value) if key in IDS else value for key, value in answer.items()}


def _number(ids: Any) -> Any:
    if isinstance(ids, list | tuple):
        return [_number(one) for one in ids]
    whole = re.fullmatch(r"0|-?[1-9][0-9]{0,17}", ids)
    return int(ids) if whole else ids
