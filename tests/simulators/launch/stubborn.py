"""A child that is ready and then hears nobody: only SIGKILL ends it."""

import signal

from simulators.process import ready

signal.signal(signal.SIGTERM, signal.SIG_IGN)
ready("stubborn", {"host": "127.0.0.1", "port": 1})
while True:
    signal.pause()
