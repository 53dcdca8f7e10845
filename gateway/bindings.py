"""What a replaced unit changes of the map: its address, its port, its serial number."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, TypeAdapter, ValidationError

from devices.map import schema
from devices.map.connections import Plugged, SerialMatch

Binding = Mapping[str, str | int]


class BadBinding(Exception):
    """It cannot be so; the words are for a person."""


def bound(
    config: schema.Device, connection: schema.Connection, binding: Binding
) -> tuple[schema.Device, schema.Connection]:
    """The device with another unit in its place, checked by the map's own models.

    binding: `host`, `port`, `url`, `usb`, `serial`, `unit`; which of them a place has depends on
    its connection. Raises BadBinding.
    """
    if not binding:
        return config, connection
    of_line, of_device = places(config, connection)
    for name in binding:
        if name not in (*of_line, *of_device):
            known = ", ".join((*of_line, *of_device))
            raise BadBinding(f"{name} does not belong to this place; what can change: {known}")
    line = {name: value for name, value in binding.items() if name in of_line}
    own = {name: value for name, value in binding.items() if name in of_device}
    return _with_device(config, own), _with_line(connection, line)


def places(
    config: schema.Device, connection: schema.Connection
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What can be bound anew: of the connection, of the device itself."""
    own: tuple[str, ...] = ()
    if isinstance(config, schema.Fleet) and config.vda5050.serial is not None:
        own = ("serial",)
    elif isinstance(connection, schema.Modbus):
        own = ("unit",)
    match connection:
        case schema.OpcUa():
            return ("url",), own
        case Plugged():
            return ("port", "usb", "serial"), own
        case schema.TcpServer():
            return ("host",), own  # the address of the unit that calls; ours stays
        case _:
            return ("host", "port"), own


def bindings_of(config: schema.Device, connection: schema.Connection) -> dict[str, str | int]:
    """What stands there now, by the same names; empty values are left out."""
    found: dict[str, Any] = {}
    of_line, of_device = places(config, connection)
    if isinstance(connection, Plugged) and connection.match is not None:
        found = {"usb": connection.match.usb, "serial": connection.match.serial}
    if isinstance(connection, schema.TcpServer):
        found = {"host": connection.peer}
    for name in of_line:
        found.setdefault(name, getattr(connection, name, None))
    if isinstance(config, schema.Fleet):
        found["serial"] = config.vda5050.serial
    elif "unit" in of_device and isinstance(connection, schema.Modbus):
        found["unit"] = getattr(config, "unit", None) or connection.unit
    return {name: value for name, value in found.items() if value is not None}


def _with_line(connection: schema.Connection, line: Binding) -> schema.Connection:
    changes: dict[str, Any] = dict(line)
    if line and isinstance(connection, Plugged):
        changes = _plugged(connection, line)
    if line and isinstance(connection, schema.TcpServer):
        changes = {"peer": line["host"]}
    for name, value in changes.items():
        _check(type(connection), name, value)
    return connection.model_copy(update=changes)


def _plugged(connection: Plugged, line: Binding) -> dict[str, Any]:
    """By the name of its port, or by what USB says of it."""
    if "port" in line:
        if len(line) > 1:
            raise BadBinding("either port, or usb and serial: not both")
        return {"port": line["port"], "match": None}
    if connection.match is None and "usb" not in line:
        raise BadBinding("usb is missing: the map names a port, and no vendor:product")
    usb = line.get("usb") or (connection.match.usb if connection.match else "")
    match = SerialMatch(usb=str(usb), serial=str(line.get("serial", "*")))
    return {"port": None, "match": match}


def _with_device(config: schema.Device, own: Binding) -> schema.Device:
    if not own:
        return config
    if isinstance(config, schema.Fleet):
        vda5050 = config.vda5050.model_copy(update={"serial": str(own["serial"])})
        return config.model_copy(update={"vda5050": vda5050})
    unit = own["unit"]
    if not isinstance(unit, int) or not 0 <= unit <= 255:
        raise BadBinding(f"unit: {unit} is not between 0 and 255")
    return config.model_copy(update={"unit": unit})


def _check(model: type[BaseModel], name: str, value: Any) -> None:
    """As if it stood in the file."""
    field = model.model_fields[name]
    kind: Any = field.annotation
    if field.metadata:
        kind = Annotated[kind, *field.metadata]
    checked: TypeAdapter[Any] = TypeAdapter(kind)
    try:
        checked.validate_python(value, strict=True)
    except ValidationError as err:
        raise BadBinding(f"{name}: {err.errors()[0]['msg']}, not {value!r}") from err
