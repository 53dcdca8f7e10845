"""What all models of the map share: unknown keys are errors, units stand in the name."""

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, Strict

_UNITS: Final = ("_m_s", "_mm", "_g", "_s")


def key_of(attribute: str) -> str:
    """`timeout_s` is written `timeout` in the file: there the value carries the unit."""
    for unit in _UNITS:
        if attribute.endswith(unit):
            return attribute.removesuffix(unit)
    return attribute


class Config(BaseModel):
    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, alias_generator=key_of, allow_inf_nan=False
    )


def texts(value: Any) -> Any:
    """Lanes and the like may be numbers in the file; their names are text."""
    return {str(key): one for key, one in value.items()} if isinstance(value, dict) else value


Port = Annotated[int, Field(ge=0, le=65535)]
Names = Annotated[tuple[str, ...], Strict(False)]
Numbers = Annotated[tuple[float, float], Strict(False)]
Order = Literal["big", "little"]
