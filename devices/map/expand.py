"""Templates and inheritance: a device with its included tags, each with its orders filled in."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, Protocol

from devices.map.explain import hint, unknown
from devices.map.text import Key, Part, Path, Spot, spot_of


class Wrong(Protocol):
    """Takes an error: where, of what, why, and its code if a rule has one."""

    def __call__(self, spot: Spot, path: Path, reason: str, code: str = ..., /) -> None: ...


class Expander:
    """Fills templates into devices; what is wrong goes to `wrong` and is left out."""

    def __init__(self, templates: Mapping[Any, Part], wrong: Wrong) -> None:
        self._templates, self._wrong = templates, wrong
        for name, template in templates.items():
            self._shape(name, template)

    def device(self, name: str, tree: Part) -> Part:
        """The device with the tags of its templates; `include` is used up."""
        include = tree.get("include")
        if include is None:
            return tree
        path: Path = ("devices", name, "include")
        if not isinstance(include.value, list):
            self._wrong(include.spot, path, "must be a list of `{template: ..., as: ...}`")
            return tree.without("include")
        own = tree.get("tags") or Part(include.spot, {}, {})
        if not isinstance(own.value, dict):
            self._wrong(own.spot, ("devices", name, "tags"), "must be a block of keys")
        inside, keys = dict(own.items()), dict(own.keys)
        for number, entry in enumerate(include.value):
            for tag, spot, one in self._included(entry, (*path, number)):
                if tag in inside:
                    self._wrong(entry.spot, (*path, number), f"there is a tag {tag} already")
                inside[tag], keys[tag] = one, spot
        return tree.without("include").having("tags", Part(own.spot, inside, keys))

    def _included(self, entry: Part, path: Path) -> Iterator[tuple[str, Spot, Part]]:
        asked, name = entry.get("template"), entry.get("as")
        if asked is None or name is None:
            self._wrong(entry.spot, path, "needs `template` and `as`")
            return
        template = self._templates.get(str(asked.value))
        if template is None:
            told = f"there is no template {asked.value}" + hint(asked.value, self._templates)
            self._wrong(asked.spot, (*path, "template"), told, "DM101")
            return
        given = {str(k): one.value for k, one in entry.items() if k not in ("template", "as")}
        if not self._compare(entry, given, template, path):
            return
        tags = template.get("tags") or Part(template.spot, {}, {})
        for tag, one in tags.items():
            filled = self._filled(one, given, ("templates", str(asked.value), "tags", tag))
            yield f"{name.value}.{tag}", tags.keys[tag], filled

    def _shape(self, name: str, template: Part) -> None:
        """Used or not, a template has parameters and tags."""
        path: Path = ("templates", name)
        for key, one in template.items():
            if key not in ("params", "tags"):
                self._wrong(template.keys[key], (*path, key), unknown(str(key), ("params", "tags")))
            elif not isinstance(one.value, list if key == "params" else dict):
                told = "must be a list of names" if key == "params" else "must be a block of keys"
                self._wrong(one.spot, (*path, key), told)
        if template.get("tags") is None:
            self._wrong(template.spot, (*path, "tags"), "is missing")

    def _compare(self, entry: Part, given: Mapping[str, Any], template: Part, path: Path) -> bool:
        """Whether all that the template needs is given."""
        wanted = _params(template)
        for missing in [one for one in wanted if one not in given]:
            self._wrong(entry.spot, path, f"the template needs `{missing}`")
        for extra in [one for one in given if one not in wanted]:
            at = spot_of(entry, [extra], key=True)
            self._wrong(at, (*path, extra), unknown(extra, wanted))
        return set(wanted) <= set(given)

    def _filled(self, tree: Part, given: Mapping[str, Any], path: Path) -> Part:
        if isinstance(tree.value, dict):
            inside = {key: self._filled(one, given, (*path, key)) for key, one in tree.items()}
            return Part(tree.spot, inside, tree.keys)
        if isinstance(tree.value, list):
            return Part(tree.spot, [self._filled(one, given, path) for one in tree.value], {})
        if not isinstance(tree.value, str):
            return tree
        try:
            return Part(tree.spot, fill(tree.value, given), {})
        except ValueError as err:
            self._wrong(tree.spot, path, str(err))
            return tree


def _params(template: Part) -> list[str]:
    params = template.get("params")
    known = params.value if params is not None and isinstance(params.value, list) else []
    return [str(one.value) for one in known]


_FIELD: Final = re.compile(r"\$\{([^}]*)\}")
_SUM: Final = re.compile(r"\s*(?:(\d+)\s*\+\s*)?([A-Za-z_]\w*)(?:\s*\+\s*(\d+))?\s*")


def fill(text: str, given: Mapping[str, Any]) -> Any:
    """`${n}` and `${n+integer}` replaced; a text that is nothing else keeps the value's type.

    Raises ValueError with a sentence.
    """
    whole = _FIELD.fullmatch(text)
    if whole:
        return _value(whole, given)
    return _FIELD.sub(lambda found: str(_value(found, given)), text)


def _value(found: re.Match[str], given: Mapping[str, Any]) -> Any:
    parsed = _SUM.fullmatch(found[1])
    if parsed is None:
        raise ValueError(f"{found[0]}: only ${{name}} and ${{name+integer}} are understood")
    before, name, after = parsed.groups()
    if name not in given:
        raise ValueError(f"{found[0]}: the template has no parameter {name}" + hint(name, given))
    if before is None and after is None:
        return given[name]
    if not isinstance(given[name], int):
        raise ValueError(f"{found[0]}: {name} is {given[name]!r}, not an integer")
    return int(before or 0) + given[name] + int(after or 0)


def inheriting(tree: Part, orders: Mapping[str, Part]) -> Part:
    """Tags without a word or byte order of their own get the device's, else the connection's."""
    tags = tree.get("tags")
    if tags is None or not isinstance(tags.value, dict):
        return tree
    nearest: dict[Key, Part] = {name: tree.get(name) or one for name, one in orders.items()}
    inside = {
        name: one.over(nearest) if isinstance(one.value, dict) and "at" in one.value else one
        for name, one in tags.items()
    }
    return tree.without(*orders).having("tags", Part(tags.spot, inside, tags.keys))
