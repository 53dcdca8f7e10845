"""Times as the tables keep them: UTC text that sorts as time does."""

from datetime import UTC, datetime


def text_of(at: datetime) -> str:
    """Raises ValueError for a time without a zone: nobody would know which it was."""
    if at.tzinfo is None:
        raise ValueError(f"{at} has no time zone")
    return (at if at.tzinfo is UTC else at.astimezone(UTC)).isoformat()


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
