"""Starts simulators fast: it loads what they share once and forks each of them.

    python -m simulators.nursery FD    FD: a SOCK_SEQPACKET socket

A request is one JSON message {name, module, arguments, env} with three descriptors: stdin, stdout
and stderr of the child. The answer is {pid} with the child's pidfd. It ends when the socket closes;
its children hold their own stdin and do not end with it.
"""

import gc
import importlib
import json
import os
import runpy
import signal
import socket
import sys
from typing import Any, Final

from simulators.prctl import call_myself

SHARED: Final = (
    "argparse",
    "asyncio",
    "devices.map.load",
    "paho.mqtt.client",
    "simulators.amr.wire",
    "simulators.hosts.customers",
    "simulators.hosts.run",
    "simulators.hosts.webhooks",
    "simulators.lamps",
    "simulators.lines",
    "simulators.mqtt",
    "simulators.plc.bank",
    "simulators.plc.logic",
    "simulators.plc.wire",
    "simulators.world.control",
    "simulators.world.phones",
)
"""What several simulators import, or one that all wait for; never a program itself."""
LONGEST: Final = 1 << 16

Request = dict[str, Any]


def nurse(line: socket.socket) -> Request | None:
    """Forks a child per request. Returns twice: in each child what it shall be, in the nursery
    None when nobody is left to ask."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them: the kernel reaps
    while True:
        message, fds, _, _ = socket.recv_fds(line, LONGEST, 3)
        if not message:
            return None
        pid = os.fork()
        if pid == 0:
            line.close()
            _become_child(fds)
            request: Request = json.loads(message)
            return request
        _tell(line, pid)
        for fd in fds:
            os.close(fd)


def _tell(line: socket.socket, pid: int) -> None:
    pidfd = os.pidfd_open(pid)
    socket.send_fds(line, [json.dumps({"pid": pid}).encode()], [pidfd])
    os.close(pidfd)


def _become_child(fds: list[int]) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()  # Ctrl-C is for our parent, who lets go of us
    for standard, fd in enumerate(fds):
        os.dup2(fd, standard)
    os.closerange(3, max(fds) + 1)


def main() -> None:
    for name in SHARED:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()  # what is shared stays shared
    request = nurse(socket.socket(fileno=int(sys.argv[1])))
    if request:
        call_myself(request["name"])
        os.environ.update(request["env"])
        sys.argv = [request["module"], *request["arguments"]]
        runpy.run_module(request["module"], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
