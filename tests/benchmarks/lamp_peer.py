"""The other end of the lamp benchmark, by hand: answers every `set` with the lamp's `state`, and
every `ping` with a `pong`. Argument: the broker's port. Prints a line when it listens."""

import json
import socket
import sys
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

ZONE = "wh1/ptl/A"


def no_delay(_client: paho.Client, _data: Any, sock: Any) -> None:
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def heard(client: paho.Client, _data: Any, message: paho.MQTTMessage) -> None:
    if message.topic == "ping":
        client.publish("pong", message.payload, qos=1)
        return
    task = json.loads(message.payload)["task"]
    state = json.dumps({"task": task, "on": task is not None})
    client.publish(message.topic.replace("/set", "/state"), state, qos=1, retain=True)


def main() -> None:
    client = paho.Client(CallbackAPIVersion.VERSION2, client_id="lamp-peer")
    client.on_socket_open, client.on_message = no_delay, heard
    client.on_subscribe = lambda *_: print("ready", flush=True)
    client.connect("127.0.0.1", int(sys.argv[1]))
    client.publish(f"{ZONE}/status", json.dumps({"online": True, "boot": "b"}), qos=1, retain=True)
    client.subscribe([(f"{ZONE}/+/set", 1), ("ping", 1)])
    client.loop_forever()


if __name__ == "__main__":
    main()
