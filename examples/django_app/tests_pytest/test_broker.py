"""The two services that publish, seen by a broker client: the messages and the worker's digests."""

from collections.abc import Iterator
from typing import Any

import pytest
from compat.broker import BrokerClient, BrokerMessage, MockBroker, create_broker_client
from django.contrib.auth.models import User
from pusher_mock import PusherMock
from pytest_django import DjangoCaptureOnCommitCallbacks

from boards import realtime, services
from boards.models import Digest, Message, Task, Workspace
from boards.realtime import (
    DIGEST_PROGRESS,
    DIGEST_READY,
    NEW_MESSAGE,
    get_task_channel_name,
    get_workspace_channel_name,
)
from boards.tasks import write_digest

WORKSPACE = get_workspace_channel_name("acme")


@pytest.fixture
def broker(pusher_mock: PusherMock) -> Iterator[BrokerClient]:
    """Mock or real by `BROKER_IMPL`, and without it by the switch; tests are on mocks."""
    with create_broker_client() as broker:
        yield broker


class Heard(list[tuple[str, Any]]):
    """Listens to events of a channel, and writes down their names and data."""

    def listen(self, broker: BrokerClient, channel: str, *events: str) -> None:
        for event in events:
            broker.subscribe(channel, self._write_down(event), event=event)

    def _write_down(self, event: str) -> Any:
        def handler(message: BrokerMessage) -> None:
            self.append((event, message.payload))

        return handler


class ThroughBroker:
    """What the services call, on a broker client instead of a publisher of Pusher's."""

    def __init__(self, broker: BrokerClient) -> None:
        self.broker = broker
        self.published = 0

    def trigger(self, channel: str, event: str, data: Any, socket_id: str | None = None) -> None:
        self.published += 1
        self.broker.publish(channel, data, event=event)


@pytest.fixture
def through(broker: BrokerClient, monkeypatch: pytest.MonkeyPatch) -> ThroughBroker:
    """The services publish with the broker client, and are not edited for it."""
    publisher = ThroughBroker(broker)
    monkeypatch.setattr(realtime, "pusher_server", publisher)
    return publisher


@pytest.fixture
def digest(ada: User) -> Digest:
    acme = Workspace.objects.get(slug="acme")
    return Digest.objects.create(workspace=acme, requested_by=ada)


def test_the_message_service(
    broker: BrokerClient,
    ada: User,
    task: Task,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    heard = Heard()
    heard.listen(broker, get_task_channel_name(task.pk), NEW_MESSAGE)
    with django_capture_on_commit_callbacks(execute=True):
        message = services.post_message(task, ada, "I can reproduce it.")
    assert heard == [(NEW_MESSAGE, {"messageId": str(message.pk)})]


def test_a_message_is_saved_when_nobody_can_be_told(
    broker: BrokerClient,
    ada: User,
    task: Task,
    caplog: pytest.LogCaptureFixture,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    assert isinstance(broker, MockBroker)
    broker.disconnect_now()
    with django_capture_on_commit_callbacks(execute=True):
        message = services.post_message(task, ada, "Hello?")
    assert Message.objects.filter(pk=message.pk).exists()
    assert "Error calling new_message" in caplog.text


def test_the_digest_service(broker: BrokerClient, digest: Digest) -> None:
    heard = Heard()
    heard.listen(broker, WORKSPACE, DIGEST_PROGRESS, DIGEST_READY)
    write_digest.delay(digest.pk)
    identity = {"digestId": str(digest.pk)}
    assert heard[-1] == (DIGEST_READY, identity)
    progress = heard[:-1]
    assert [(event, data["done"], data["total"]) for event, data in progress] == [
        (DIGEST_PROGRESS, done, len(progress)) for done in range(1, len(progress) + 1)
    ]


def test_a_digest_survives_one_failure_of_the_broker(broker: BrokerClient, digest: Digest) -> None:
    assert isinstance(broker, MockBroker)
    heard = Heard()
    heard.listen(broker, WORKSPACE, DIGEST_READY)
    broker.fault("workspace-*", action="error", times=1)
    assert write_digest.delay(digest.pk).successful()
    assert len(heard) == 1


def test_a_digest_without_a_broker(broker: BrokerClient, digest: Digest) -> None:
    assert isinstance(broker, MockBroker)
    with broker.disconnect_now():
        assert write_digest.delay(digest.pk).failed()
    digest.refresh_from_db()
    assert digest.status == Digest.Status.FAILED


def test_the_message_service_publishes_through_it(
    through: ThroughBroker,
    ada: User,
    task: Task,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    heard = Heard()
    heard.listen(through.broker, get_task_channel_name(task.pk), NEW_MESSAGE)
    with django_capture_on_commit_callbacks(execute=True):
        message = services.post_message(task, ada, "I can reproduce it.")
    assert heard == [(NEW_MESSAGE, {"messageId": str(message.pk)})]
    assert through.published >= 1


def test_the_digest_service_publishes_through_it(through: ThroughBroker, digest: Digest) -> None:
    heard = Heard()
    heard.listen(through.broker, WORKSPACE, DIGEST_PROGRESS, DIGEST_READY)
    write_digest.delay(digest.pk)
    assert heard[-1] == (DIGEST_READY, {"digestId": str(digest.pk)})
    assert through.published == len(heard)
