"""People, tokens and sessions: who gets in, as what, and for how long."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.auth import Actor, Auth, AuthError


class Now:
    def __init__(self) -> None:
        self.at = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at


def test_the_first_start_makes_a_local_admin_token_for_its_owner_only(tmp_path: Path) -> None:
    auth = Auth(tmp_path, Now())
    assert auth.by_token(auth.local_token) == Actor("local", "admin")
    assert (tmp_path / "local.token").stat().st_mode & 0o077 == 0
    assert auth.local_token not in (tmp_path / "people.json").read_text()
    assert Auth(tmp_path, Now()).by_token(auth.local_token) == Actor("local", "admin")


def test_a_device_token_is_shown_once_and_replaced_by_the_next(tmp_path: Path) -> None:
    auth = Auth(tmp_path, Now())
    first = auth.add_token("handheld-1", "operator")
    second = auth.add_token("handheld-1", "operator")
    assert auth.by_token(first) is None
    assert auth.by_token(second) == Actor("handheld-1", "operator")


def test_passwords_are_argon2id_and_five_failures_wait(tmp_path: Path) -> None:
    now = Now()
    auth = Auth(tmp_path, now)
    auth.add_person("anna", "engineer", "correct horse")
    assert "$argon2id$" in (tmp_path / "people.json").read_text()
    assert auth.by_password("anna", "correct horse").may("operator")
    for _ in range(5):
        with pytest.raises(AuthError, match="wrong"):
            auth.by_password("anna", "guess")
    with pytest.raises(AuthError, match="again in"):
        auth.by_password("anna", "correct horse")
    now.at += timedelta(seconds=31)
    assert auth.by_password("anna", "correct horse").name == "anna"


def test_a_short_password_and_a_second_of_one_name_are_refused(tmp_path: Path) -> None:
    auth = Auth(tmp_path, Now())
    with pytest.raises(AuthError, match="10 characters"):
        auth.add_person("bert", "viewer", "short")
    auth.add_person("bert", "viewer", "long enough")
    with pytest.raises(AuthError, match="already"):
        auth.add_person("bert", "viewer", "long enough")


def test_a_session_ends_by_time_and_by_any_change_of_its_text(tmp_path: Path) -> None:
    now = Now()
    auth = Auth(tmp_path, now)
    cookie = auth.session(Actor("local", "admin"))
    assert auth.by_session(cookie) == Actor("local", "admin")
    assert auth.by_session("x" + cookie) is None
    assert auth.by_session("") is None
    now.at += timedelta(hours=12, seconds=1)
    assert auth.by_session(cookie) is None


def test_a_broken_roster_is_an_error_with_its_place(tmp_path: Path) -> None:
    Auth(tmp_path, Now())
    (tmp_path / "people.json").write_text('{"key": "k", "people": [{"name": "x"}]}')
    with pytest.raises(AuthError, match=r"people\.0\.role"):
        Auth(tmp_path, Now())


@pytest.mark.parametrize("name", ["", "two words", "a" * 65, "semi;colon"])
def test_what_is_no_name_is_one_sentence(tmp_path: Path, name: str) -> None:
    auth = Auth(tmp_path, Now())
    with pytest.raises(AuthError, match="is no name"):
        auth.add_token(name, "viewer")
    with pytest.raises(AuthError, match="is no name"):
        auth.add_person(name, "viewer", "long enough for us")


def test_a_name_is_of_one_person_or_device(tmp_path: Path) -> None:
    auth = Auth(tmp_path, Now())
    auth.add_person("anna", "operator", "long enough")
    for name in ("anna", "local"):
        with pytest.raises(AuthError, match="somebody already"):
            auth.add_token(name, "operator")
    auth.add_token("handheld-1", "operator")
    with pytest.raises(AuthError, match="already somebody"):
        auth.add_person("handheld-1", "operator", "long enough")
