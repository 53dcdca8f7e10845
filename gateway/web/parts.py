"""What pages need of the app beside the gateway: templates, boards, and who is signed in."""

from typing import Annotated

from fastapi import Depends, HTTPException, Request

from gateway.auth import Actor
from gateway.web.guard import actor_of
from gateway.web.templating import Looks


class NotSignedIn(Exception):
    """A page was asked for without a session: to the login, and back."""


def looks_of(request: Request) -> Looks:
    found: Looks = request.app.state.looks
    return found


def reader_of_pages(request: Request) -> Actor:
    """Anybody with a session. Raises NotSignedIn."""
    actor = actor_of(request)
    if actor is None:
        raise NotSignedIn
    return actor


def worker(request: Request) -> Actor:
    """Who may act on the floor: operators and above."""
    actor = reader_of_pages(request)
    if not actor.may("operator"):
        raise HTTPException(403, f"{actor.name} is a {actor.role}; this page needs operator")
    return actor


def engineer(request: Request) -> Actor:
    """Who may change equipment: engineers and above."""
    actor = reader_of_pages(request)
    if not actor.may("engineer"):
        raise HTTPException(403, f"{actor.name} is a {actor.role}; this page needs engineer")
    return actor


Shown = Annotated[Looks, Depends(looks_of)]
Reading = Annotated[Actor, Depends(reader_of_pages)]
Working = Annotated[Actor, Depends(worker)]
Engineering = Annotated[Actor, Depends(engineer)]
