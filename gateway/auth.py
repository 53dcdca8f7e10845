"""Who may do what: people, device tokens and the local token, in one file of the data folder.

Passwords are argon2id, tokens are kept as SHA-256 (they are random, 32 bytes), sessions are
signed cookies that end by themselves.
"""

import base64
import hashlib
import hmac
import json
import os
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Final, Literal

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from pydantic import BaseModel, ConfigDict, Field, ValidationError

Role = Literal["viewer", "operator", "engineer", "admin"]
ROLES: Final[tuple[Role, ...]] = ("viewer", "operator", "engineer", "admin")
SESSION: Final = timedelta(hours=12)
MIN_PASSWORD: Final = 10
FAILURES: Final = 5
LOCKED_S: Final = 30.0

NAMED: Final = re.compile(r"[A-Za-z0-9_.@-]{1,64}")
TOKEN: Final = "local.token"
LOCAL: Final = "local"

Name = Annotated[str, Field(pattern=rf"^{NAMED.pattern}$")]


class AuthError(Exception):
    """In words for the person at the keyboard."""


def _check(name: str) -> None:
    if not NAMED.fullmatch(name):
        raise AuthError(f"{name!r} is no name: letters, digits and . _ @ - only, at most 64")


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever acts; `name` is what `by` says in every observation."""

    name: str
    role: Role

    def may(self, role: Role) -> bool:
        return ROLES.index(self.role) >= ROLES.index(role)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Person(_Strict):
    name: Name
    role: Role
    password: str
    """argon2id hash."""
    generation: int = 1
    """Raised to end every session of this person."""


class Token(_Strict):
    name: Name
    role: Role
    sha256: str


class Roster(_Strict):
    key: str
    """Signs the session cookies."""
    people: list[Person] = []
    tokens: list[Token] = []


class Auth:
    """The roster in memory; every change is written whole, 0600, before it counts."""

    def __init__(self, folder: Path, now: Callable[[], datetime]) -> None:
        self._path, self._local, self._now = folder / "people.json", folder / TOKEN, now
        self._hasher = PasswordHasher()
        self._failures: dict[str, tuple[int, datetime]] = {}
        self._read_at = 0
        self._known = self._load()

    @property
    def _roster(self) -> Roster:
        """Read again when the command line changed it."""
        changed = self._path.stat().st_mtime_ns
        if changed != self._read_at:
            self._known, self._read_at = self._load(), changed
        return self._known

    @property
    def local_token(self) -> str:
        """The admin token of this box, made at first start and readable by its owner only."""
        return self._local.read_text().strip()

    @property
    def has_people(self) -> bool:
        return bool(self._roster.people)

    def add_person(self, name: str, role: Role, password: str) -> None:
        if len(password) < MIN_PASSWORD:
            raise AuthError(f"the password needs at least {MIN_PASSWORD} characters")
        _check(name)
        if name in self._names():
            raise AuthError(f"there is already somebody called {name}")
        hashed = self._hasher.hash(password)
        person = Person(name=name, role=role, password=hashed)
        self._save(self._roster.model_copy(update={"people": [*self._roster.people, person]}))

    def add_token(self, name: str, role: Role) -> str:
        """Makes a device token, replacing one of the same name; it is shown this once. Raises
        AuthError."""
        _check(name)
        if name == LOCAL or any(person.name == name for person in self._roster.people):
            raise AuthError(f"{name} is somebody already; give the token a name of its own")
        token = secrets.token_urlsafe(32)
        kept = [known for known in self._roster.tokens if known.name != name]
        tokens = [*kept, Token(name=name, role=role, sha256=_digest(token))]
        self._save(self._roster.model_copy(update={"tokens": tokens}))
        return token

    def _names(self) -> set[str]:
        """`by` names one person or device, so a name is given once."""
        people, tokens = self._roster.people, self._roster.tokens
        return {person.name for person in people} | {token.name for token in tokens}

    def by_token(self, token: str) -> Actor | None:
        digest = _digest(token)
        for known in self._roster.tokens:
            if hmac.compare_digest(known.sha256, digest):
                return Actor(known.name, known.role)
        return None

    def by_password(self, name: str, password: str) -> Actor:
        """Raises AuthError; after five failures in a row a name waits half a minute."""
        self._refuse_locked(name)
        person = next((p for p in self._roster.people if p.name == name), None)
        try:
            if person is None:
                raise VerificationError
            self._hasher.verify(person.password, password)
        except (VerificationError, InvalidHashError) as err:
            self._count_failure(name)
            raise AuthError("name or password is wrong") from err
        self._failures.pop(name, None)
        return Actor(person.name, person.role)

    def session(self, actor: Actor) -> str:
        """A cookie value for this actor, good for twelve hours."""
        until = int((self._now() + SESSION).timestamp())
        body = json.dumps([actor.name, actor.role, until, self._generation(actor.name)])
        text = base64.urlsafe_b64encode(body.encode()).decode()
        return f"{text}.{self._sign(text)}"

    def by_session(self, cookie: str) -> Actor | None:
        text, _, signature = cookie.partition(".")
        if not hmac.compare_digest(self._sign(text).encode(), signature.encode()):
            return None
        name, role, until, generation = json.loads(base64.urlsafe_b64decode(text))
        fresh = until > self._now().timestamp() and generation == self._generation(name)
        return Actor(name, role) if fresh else None

    def _generation(self, name: str) -> int:
        return next((p.generation for p in self._roster.people if p.name == name), 0)

    def _sign(self, text: str) -> str:
        return hmac.new(self._roster.key.encode(), text.encode(), hashlib.sha256).hexdigest()

    def _refuse_locked(self, name: str) -> None:
        count, last = self._failures.get(name, (0, self._now()))
        left = LOCKED_S - (self._now() - last).total_seconds()
        if count >= FAILURES and left > 0:
            raise AuthError(f"too many wrong passwords; again in {left:.0f} s")

    def _count_failure(self, name: str) -> None:
        if len(self._failures) > 1000:
            self._failures.clear()
        self._failures[name] = (self._failures.get(name, (0, self._now()))[0] + 1, self._now())

    def _load(self) -> Roster:
        if self._path.exists():
            try:
                return Roster.model_validate_json(self._path.read_bytes())
            except ValidationError as err:
                first = err.errors()[0]
                place = ".".join(str(part) for part in first["loc"])
                raise AuthError(f"{self._path}: {place}: {first['msg']}") from err
        return self._first_start()

    def _first_start(self) -> Roster:
        token = secrets.token_urlsafe(32)
        write_private(self._local, token + "\n")
        local = Token(name=LOCAL, role="admin", sha256=_digest(token))
        roster = Roster(key=secrets.token_hex(32), tokens=[local])
        write_private(self._path, roster.model_dump_json(indent=1))
        return roster

    def _save(self, roster: Roster) -> None:
        write_private(self._path, roster.model_dump_json(indent=1))


def write_private(path: Path, text: str) -> None:
    """Whole or not at all, readable by the owner only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".new")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
