"""Where the gateway listens, and what it says when that cannot be."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.auth import Auth, AuthError
from gateway.exposure import is_loopback, refuse_exposed

HERE = Path(__file__)


@pytest.mark.parametrize(
    ("host", "own"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("::", False)],
)
def test_what_is_this_box(host: str, own: bool) -> None:
    assert is_loopback(host) is own


@pytest.mark.parametrize(
    ("cert", "key", "words"),
    [
        (HERE, None, "TLS needs both"),
        (None, HERE, "TLS needs both"),
        (HERE, HERE.with_name("nowhere"), "nowhere: there is no such file"),
        (HERE, HERE, "are no certificate and its key"),
    ],
)
def test_a_certificate_that_does_not_work_is_one_sentence(
    tmp_path: Path, cert: Path | None, key: Path | None, words: str
) -> None:
    auth = Auth(tmp_path, lambda: datetime.now(UTC))
    with pytest.raises(AuthError, match=words):
        refuse_exposed("127.0.0.1", cert, key, auth)
