"""A program of its own that reads and checks a site's files: a second of computing that the floor
does not feel. `python -m gateway.sitereader CONFIG [OVERLAY]`; a pickle on stdout."""

import os
import pickle
import sys
from pathlib import Path

NICE = 5


def main() -> None:
    os.nice(NICE)
    config, overlay = Path(sys.argv[1]), Path(sys.argv[2]) if sys.argv[2:] else None
    sys.stdout.buffer.write(pickle.dumps(found(config, overlay)))


def found(config: Path, overlay: Path | None) -> object:
    """Settings; or the findings that are errors; or what the system said of a file, as text."""
    from gateway import checking
    from gateway.settings import load

    try:
        findings = checking.check(config, overlay)
        wrong = [one for one in findings if one.level == "error"]
        return wrong or load(config, overlay)
    except OSError as err:
        return f"{err.filename}: {err.strerror}" if err.filename else str(err)


if __name__ == "__main__":
    main()
