"""Style, script, and the two htmx files from site-packages: nothing of others is committed."""

from importlib.util import find_spec
from pathlib import Path
from typing import Final

from fastapi import APIRouter, HTTPException
from fastapi.responses import FileResponse

OWN: Final = Path(__file__).parent / "static"
OURS: Final = ("wedge.css", "wedge.js", "acts.js", "work.js", "devices.js", "tags.js", "wedge.svg")
VENDOR: Final = {"htmx.js": "htmx-4.min.js", "hx-sse.js": "ext/hx-sse-4.min.js"}
HEADERS: Final = {"cache-control": "no-cache"}  # asked again each time, by its ETag

router = APIRouter(include_in_schema=False)


def vendor() -> Path:
    """The folder of django-htmx's static files; the package itself needs Django and is never
    imported."""
    spec = find_spec("django_htmx")
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError("the django-htmx wheel is not installed: run `make demo`")
    return Path(spec.submodule_search_locations[0]) / "static" / "django_htmx"


@router.get("/static/{name}")
def own(name: str) -> FileResponse:
    if name not in OURS:
        raise HTTPException(404, f"there is no {name!r} here")
    return FileResponse(OWN / name, headers=HEADERS)


@router.get("/static/vendor/{name}")
def vendored(name: str) -> FileResponse:
    if name not in VENDOR:
        raise HTTPException(404, f"there is no {name!r} here")
    return FileResponse(vendor() / VENDOR[name], headers=HEADERS)
