"""Polls as messages: one JSON text per device and answered poll, and the last state of a device.

What does not change from poll to poll stands in a form; the columns of values and words are filled
in by one formatting, whatever their number.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from math import isfinite
from typing import Any, Final

from devices.tags.value import Plain, Round, Value
from wcs.names import DeviceId

FORMS: Final = 4_096
"""Forms kept; a device that tells another selection of its tags each time needs one for each."""
WRONG: Final = "not a number"

_json: Final = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode
_BOOLS: Final = (b"false", b"true")
_MARKS: Final[dict[type, bytes]] = {int: b"%d", float: b"%a"}
"""What `%` writes as JSON by itself."""
Kinds = tuple[type, ...]


def _bytes(value: Plain | None) -> bytes:
    return _json(value).encode()


class Form:
    """The message of one block of tags as far as it stays the same."""

    def __init__(self, device: str, told: Round, kinds: Kinds, *, simulated: bool) -> None:
        self.kinds = kinds
        self._names, self._widths = told.names, tuple(map(len, told.raw))
        head = f'{{"device":{_json(device)},"at":"'.encode()
        mark = b'","simulated":true,"seq":' if simulated else b'","seq":'
        poll = f',"poll":{_json(told.poll)},"values":{{'.encode()
        names = [_bytes(name).replace(b"%", b"%%") for name in told.names]
        values = b",".join(
            name + b":" + _MARKS.get(kind, b"%b") for name, kind in zip(names, kinds, strict=True)
        )
        words = b",".join(
            name + b":[" + b",".join([b"%d"] * width) + b"]"
            for name, width in zip(names, self._widths, strict=True)
            if width
        )
        fixed = (head.replace(b"%", b"%%"), mark, poll.replace(b"%", b"%%"))
        self._form = b'%b%%b%b%%d%b%b},"raw":{%b},"quality":{%%b}}' % (*fixed, values, words)
        self._odd = [place for place, kind in enumerate(kinds) if kind not in _MARKS]
        self._all_bool = set(kinds) == {bool}
        self._floats = [place for place, kind in enumerate(kinds) if kind is float]
        self._tuples = tuple in kinds

    def fits(self, told: Round) -> bool:
        """Of one block, or one whose words are divided in the same way: a map may be changed."""
        return self._names is told.names or self._widths == tuple(map(len, told.raw))

    def is_json(self, values: Sequence[Any]) -> bool:
        """JSON has no word for what is not a finite number. Their sum is finite only if all are."""
        if not self._floats and not self._tuples:
            return True
        certain = not self._tuples and isfinite(sum([values[place] for place in self._floats]))
        return certain or all(map(_is_json, values))

    def filled(self, at: bytes, seq: int, told: Round) -> bytes:
        values: Sequence[Any] = told.values
        if self._all_bool:
            values = [_BOOLS[one] for one in values]
        elif self._odd:
            values = list(values)
            for place in self._odd:
                values[place] = _bytes(values[place])
        quality = _qualities(told.why) if told.why else b""
        return self._form % (at, seq, *values, *told.flat, quality)


def _qualities(why: Mapping[str, str]) -> bytes:
    return _json({tag: ["bad", reason] for tag, reason in why.items()})[1:-1].encode()


class Forms:
    """simulated: whether a simulator answers in the place of a device."""

    def __init__(self, simulated: Callable[[DeviceId], bool] = lambda device: False) -> None:
        self._simulated = simulated
        self._forms: dict[tuple[object, ...], Form] = {}

    def message(self, device: DeviceId, seq: int, told: Round) -> bytes:
        """UTF-8 JSON, as `docs/asyncapi.yaml` says it (TagValues)."""
        kinds = tuple(map(type, told.values))
        simulated = self._simulated(device)
        key = device, told.poll, told.names, simulated
        form = self._forms.get(key)
        if form is None or form.kinds != kinds or not form.fits(told):
            if len(self._forms) >= FORMS:
                self._forms.clear()
            form = self._forms[key] = Form(device, told, kinds, simulated=simulated)
        if not form.is_json(told.values):
            return self.message(device, seq, _finite(told))
        return form.filled(instant(told.at), seq, told)


def _is_json(value: Plain | None) -> bool:
    if isinstance(value, tuple):
        return all(map(_is_json, value))
    return not isinstance(value, float) or isfinite(value)


def _finite(told: Round) -> Round:
    odd = {place for place, value in enumerate(told.values) if not _is_json(value)}
    values = [None if place in odd else value for place, value in enumerate(told.values)]
    why = {**told.why, **{told.names[place]: WRONG for place in odd}}
    return replace(told, values=values, why=why)


def state(
    device: DeviceId, now: datetime, values: Mapping[str, Value], *, simulated: bool = False
) -> bytes:
    """All that is known of a device: TagState of `docs/asyncapi.yaml`."""
    known = {
        tag: one if _is_json(one.value) else replace(one, value=None, quality="bad", reason=WRONG)
        for tag, one in values.items()
    }
    body: dict[str, Any] = {"device": device, "at": instant(now).decode()}
    body |= {"simulated": True} if simulated else {}
    body["values"] = {tag: one.value for tag, one in known.items()}
    body["raw"] = {tag: list(one.raw) for tag, one in known.items() if one.raw}
    body["quality"] = {
        tag: [one.quality, one.reason] for tag, one in known.items() if one.quality != "good"
    }
    body["times"] = {tag: instant(one.at).decode() for tag, one in known.items()}
    return _json(body).encode()


def instant(at: datetime) -> bytes:
    """`2026-11-21T10:00:00.000Z`"""
    utc = at if at.tzinfo is UTC else at.astimezone(UTC)
    return utc.isoformat(timespec="milliseconds")[:-6].encode() + b"Z"
