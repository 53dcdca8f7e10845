"""The release that decides: written into every journal row."""

from importlib.metadata import PackageNotFoundError, version


def _installed() -> str:
    try:
        return version("wedge")
    except PackageNotFoundError:
        return "0+source"


RELEASE = _installed()
