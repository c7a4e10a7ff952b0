"""The worker when Pusher refuses: once more, then no more."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from celery.signals import task_retry
from compat import override
from django.contrib.auth.models import User
from pusher.errors import PusherBadAuth
from pusher_mock import PusherMock

from boards import realtime
from boards.models import Digest, Workspace
from boards.tasks import RETRY_AFTER_S, write_digest

#: A secret that the mock does not know for the key: each request is answered with 401.
REFUSED: Any = {"secret": "not-the-secret"}

Write = Callable[[], Any]


@pytest.fixture
def digest(ada: User) -> Digest:
    acme = Workspace.objects.get(slug="acme")
    return Digest.objects.create(workspace=acme, requested_by=ada)


@pytest.fixture
def retries() -> Iterator[list[Any]]:
    """The reasons for which a task was to be tried again."""
    reasons: list[Any] = []

    def note(reason: Any, **others: Any) -> None:
        reasons.append(reason)

    task_retry.connect(note)
    yield reasons
    task_retry.disconnect(note)


def names(mock: PusherMock) -> list[str]:
    return [event.event for event in mock.published()]


def test_refused_once(digest: Digest, pusher_mock: PusherMock, retries: list[Any]) -> None:
    with contextlib.ExitStack() as refusal:
        refusal.enter_context(override(**REFUSED))

        def relent(**others: Any) -> None:
            refusal.close()

        task_retry.connect(relent)
        result = write_digest.delay(digest.pk)
        task_retry.disconnect(relent)
    assert result.successful()
    assert [type(reason.exc) for reason in retries] == [PusherBadAuth]
    assert retries[0].when == RETRY_AFTER_S
    assert names(pusher_mock) == [*["digest-progress"] * 3, "digest-ready"]
    digest.refresh_from_db()
    assert digest.status == "ready"


def test_refused_twice(digest: Digest, pusher_mock: PusherMock, retries: list[Any]) -> None:
    with override(**REFUSED):
        result = write_digest.delay(digest.pk)
    assert isinstance(result.result, PusherBadAuth)
    assert len(retries) == 1
    pusher_mock.assert_not_triggered()
    digest.refresh_from_db()
    assert digest.status == "failed"


def test_only_the_last_event_is_refused(
    digest: Digest,
    pusher_mock: PusherMock,
    retries: list[Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The digest is there all the same, and is not written again."""
    announce = realtime.digest_ready

    def refused(digest: Digest) -> None:
        with override(**REFUSED):
            announce(digest)

    monkeypatch.setattr(realtime, "digest_ready", refused)
    assert write_digest.delay(digest.pk).failed()
    assert len(retries) == 1
    assert names(pusher_mock) == ["digest-progress"] * 3
    digest.refresh_from_db()
    assert digest.status == "ready"


def test_another_error_is_not_tried_again(
    digest: Digest, pusher_mock: PusherMock, retries: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("boards.digests.line_about", lambda task: 1 / 0)
    assert isinstance(write_digest.delay(digest.pk).result, ZeroDivisionError)
    assert retries == []
