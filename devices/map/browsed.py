"""What an OPC UA server has, as a device of a map. Pure; whoever browses is elsewhere."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, Protocol

UNNAMED: Final = "ns"


class Node(Protocol):
    """A variable or a method of a server."""

    @property
    def path(self) -> tuple[str, ...]: ...
    @property
    def uri(self) -> str: ...
    @property
    def identifier(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def access(self) -> str: ...


def chosen(nodes: Iterable[Node], prefix: str = "") -> list[Node]:
    """Variables of a type that a map knows, whose path begins so: `Merge.Lane1`."""
    variables = (one for one in nodes if one.kind == "variable" and one.type and one.access)
    return [one for one in variables if ".".join(one.path).startswith(prefix)]


def aliases(nodes: Iterable[Node], known: Mapping[str, str]) -> dict[str, str]:
    """Alias -> URI: those of the map, and a short one for each that is new."""
    found = dict(known)
    for uri in dict.fromkeys(one.uri for one in nodes):
        if uri not in found.values():
            found[_free(_alias(uri), found)] = uri
    return found


def device(nodes: Iterable[Node], spaces: Mapping[str, str], connection: str) -> dict[str, Any]:
    """An `io` device with a tag for every node, called as its path is."""
    alias_of = {uri: alias for alias, uri in spaces.items()}
    tags: dict[str, dict[str, Any]] = {}
    for one in nodes:
        tag: dict[str, Any] = {"node": f"{alias_of[one.uri]};{one.identifier}", "type": one.type}
        if one.access != "r":
            tag["access"] = one.access
        tags[_free(_name(one.path), tags)] = tag
    return {"kind": "io", "connection": connection, "tags": tags}


def map_of(url: str, nodes: list[Node], name: str) -> dict[str, Any]:
    """A whole map to begin with; the line is not secured, and says so."""
    spaces = aliases(nodes, {})
    line = {"type": "opcua", "url": url, "insecure": True, "namespaces": spaces}
    return {
        "devicemap": 1,
        "site": {"code": "SITE", "gln": "0000000000000", "timezone": "UTC"},
        "connections": {"opcua": line},
        "devices": {name: device(nodes, spaces, "opcua")},
    }


def _name(path: tuple[str, ...]) -> str:
    words = (re.sub(r"\W+", "_", one).strip("_") for one in path)
    return ".".join(word for word in words if word) or "tag"


def _alias(uri: str) -> str:
    words = [word for word in re.split(r"[^A-Za-z0-9]+", uri) if word[:1].isalpha()]
    return words[-1].lower() if words else UNNAMED


def _free(name: str, taken: Mapping[str, object]) -> str:
    number = 2
    free = name
    while free in taken:
        free, number = f"{name}_{number}", number + 1
    return free
