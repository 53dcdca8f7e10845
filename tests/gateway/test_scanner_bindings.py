"""Another scanner in the old place: one that calls us, one on USB."""

import pytest

from devices.map.connections import Hid, SerialMatch, TcpServer
from devices.map.schema import Framing, Scanner
from gateway.bindings import BadBinding, bindings_of, bound

GUN = Scanner(kind="scanner", connection="dial", framing=Framing(end="\r"))
DIAL = TcpServer(type="tcp-server", host="0.0.0.0", port=2112, peer="10.0.0.21")
USB = Hid(type="hid", match=SerialMatch(usb="0c2e:0b61"), reports="pos")


def test_the_address_of_a_scanner_that_calls_is_its_own_not_ours() -> None:
    assert bindings_of(GUN, DIAL) == {"host": "10.0.0.21"}
    _, line = bound(GUN, DIAL, {"host": "10.0.0.22"})
    assert line == DIAL.model_copy(update={"peer": "10.0.0.22"})
    with pytest.raises(BadBinding, match="is not an address"):
        bound(GUN, DIAL, {"host": "gun.local"})
    with pytest.raises(BadBinding, match="port does not belong to this place"):
        bound(GUN, DIAL, {"port": 2113})


def test_a_scanner_on_usb_is_bound_by_what_is_plugged_in() -> None:
    assert bindings_of(GUN, USB) == {"usb": "0c2e:0b61", "serial": "*"}
    _, line = bound(GUN, USB, {"serial": "21006"})
    assert isinstance(line, Hid) and line.match == SerialMatch(usb="0c2e:0b61", serial="21006")
    _, line = bound(GUN, USB, {"port": "/dev/hidraw3"})
    assert isinstance(line, Hid) and (line.port, line.match) == ("/dev/hidraw3", None)
