"""Templates, and how times and numbers look on a page."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from jinja2 import Environment, PackageLoader, StrictUndefined

from gateway.auth import Actor
from gateway.context import Gateway
from gateway.views.devices import insecure

NOTHING: Final = "–"


def zone_of(name: str) -> tzinfo:
    """UTC where the machine does not know the site's time zone."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def environment(timezone: str) -> Environment:
    made = Environment(
        loader=PackageLoader("gateway.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    zone = zone_of(timezone)
    made.filters.update(clock=_clock(zone), moment=_clock(zone, "%Y-%m-%d %H:%M:%S"))
    made.filters.update(span=span, share=share, number=number, words=words)
    return made


def _clock(zone: tzinfo, form: str = "%H:%M:%S") -> Callable[[datetime | str | None], str]:
    def clock(at: datetime | str | None) -> str:
        if not at:
            return NOTHING
        moment = datetime.fromisoformat(at) if isinstance(at, str) else at
        return moment.astimezone(zone).strftime(form)

    return clock


def span(seconds: float | None) -> str:
    """`45 s`, `3 min`, `2 h 5 min`, `3 d`; a minus sign for what is over."""
    if seconds is None:
        return NOTHING
    sign, left = ("-" if seconds < 0 else ""), abs(seconds)
    if left < 90:
        return f"{sign}{left:.0f} s"
    if left < 5400:
        return f"{sign}{left / 60:.0f} min"
    if left < 2 * 86400:
        return f"{sign}{left // 3600:.0f} h {left % 3600 // 60:.0f} min"
    return f"{sign}{left / 86400:.0f} d"


def share(part: float | None) -> str:
    return NOTHING if part is None else f"{part * 100:.1f} %"


def words(name: str) -> str:
    """`DeviceModeSet` as `device mode set`."""
    return re.sub(r"(?<=.)(?=[A-Z])", " ", name).lower()


def number(value: float | None) -> str:
    return NOTHING if value is None else f"{value:.0f}"


class Looks:
    """The templates of one gateway."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._environment = environment(gateway.settings.map.site.timezone)

    def clock(self) -> str:
        """What time it is on a page."""
        return str(self._environment.filters["clock"](self._gateway.now()))

    def fragment(self, name: str, **values: Any) -> str:
        """HTML of one region."""
        return self._environment.get_template(name).render(values)

    def page(self, name: str, actor: Actor | None, **values: Any) -> str:
        """A whole page for somebody, None before the sign-in."""
        settings = self._gateway.settings
        return self.fragment(
            name,
            site=settings.site,
            actor=actor,
            play=bool(settings.simulated and settings.simulated.control),
            insecure=insecure(settings.map),
            simulated=self._gateway.equipment.simulated,
            **values,
        )
