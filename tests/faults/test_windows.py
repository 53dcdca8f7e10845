"""How late an alarm may come and how long a device is left alone: arithmetic, measured nowhere."""

from devices import mqtt, mqtt_rivals, supervise
from devices.amr import cadence
from devices.map.load import load_map
from devices.map.rules.windows import AT_MOST_S, all_windows
from devices.map.schema import ModbusTcp, OpcUa, TcpClient
from devices.scale import tcp as scale
from devices.serial_port import OPEN_WITHIN_S
from devices.supervise import JITTER, waits
from devices.tags.health import BACK_OFF_S
from devices.tags.modbus import CONNECT_S
from tests.faults.site import ALARM_S, DEMO


def test_what_is_configured_in_the_demo_is_known_in_time() -> None:
    windows = list(all_windows(load_map(DEMO)))
    assert {one.at[1] for one in windows} >= {"plc_sorter", "opc_merge", "tunnel1", "print1"}
    assert max(one.seconds for one in windows) <= AT_MOST_S == ALARM_S


def test_what_is_not_configured_is_known_in_time() -> None:
    line = ModbusTcp(type="modbus-tcp", host="10.0.0.1")
    assert line.timeout_s * (line.retries + 1) <= ALARM_S
    assert OpcUa.model_fields["timeout_s"].default + 3 * 0.25 <= ALARM_S
    assert TcpClient.model_fields["keepalive_s"].default * 4 <= ALARM_S


def test_what_no_map_can_change_is_known_in_time() -> None:
    assert mqtt.ASKED_EVERY_S + mqtt.ANSWERS_WITHIN_S <= ALARM_S
    assert cadence.LEAST_S + cadence.ANSWERS_WITHIN_S <= ALARM_S
    assert 2 * scale.ASK_AFTER_S <= ALARM_S
    assert supervise.SAID_WITHIN_S <= ALARM_S
    assert max(mqtt.OPEN_WITHIN_S, OPEN_WITHIN_S, CONNECT_S) <= ALARM_S


def test_a_device_is_never_left_alone_for_longer_than_three_seconds() -> None:
    delays = waits()
    assert max(next(delays) for _ in range(100)) <= supervise.MAX_S == 3.0
    assert max(BACK_OFF_S) <= 3.0
    assert supervise.MAX_S + mqtt_rivals.STAYS_S <= ALARM_S
    assert JITTER < 1
