"""A mistake of whoever typed the command ends in one sentence and exit code 2."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from devices.map.load import MapErrors
from simulators.child import NotReady


@contextmanager
def in_words() -> Iterator[None]:
    try:
        yield
    except (NotReady, MapErrors) as err:
        told = str(err)
    except OSError as err:
        told = f"{err.filename}: {err.strerror}" if err.filename else str(err)
    else:
        return
    print(f"wedge: {told}", file=sys.stderr)
    sys.exit(2)
