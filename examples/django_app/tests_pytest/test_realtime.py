"""The same application in pytest's style: fixtures in place of a test case."""

import json
from typing import Any

import pysher
import pytest
from compat import get_pusher_client
from django.contrib.auth.models import User
from django.test import Client
from pusher_mock import MockPusherClient, PusherMock
from pusher_mock.testing import django_poster
from pytest_django import DjangoCaptureOnCommitCallbacks

from boards.models import Task
from boards.realtime import (
    NEW_MESSAGE,
    get_presence_channel_name,
    get_task_channel_name,
    get_user_channel_name,
    presence_member,
)


def page_of(user: User) -> pysher.Pusher:
    """A user's connection, whose subscriptions the application's own view authorizes."""
    browser = Client()
    browser.force_login(user)
    return get_pusher_client(
        connect=True,
        auth_endpoint="/pusher/auth",
        user_data=presence_member(user),
        poster=django_poster(browser),
    )


def test_message_is_published_by_id_and_fetched(
    client: Client,
    ada: User,
    task: Task,
    pusher_client: MockPusherClient,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    client.force_login(ada)
    shown: list[Any] = []

    def fetch(data: str) -> None:
        shown.append(client.get(f"/api/messages/{json.loads(data)['messageId']}/").json())

    pusher_client.subscribe(get_task_channel_name(task.pk)).bind(NEW_MESSAGE, fetch)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"/tasks/{task.pk}/messages/", {"text": "I can reproduce it."})
    assert [message["text"] for message in shown] == ["I can reproduce it."]


def test_title_goes_to_the_task_and_to_the_workspace(
    client: Client,
    ada: User,
    task: Task,
    pusher_mock: PusherMock,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    client.force_login(ada)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"/tasks/{task.pk}/title/", {"title": "Search keeps the filter"})
    assert [(event.channel, event.event) for event in pusher_mock.published()] == [
        (f"task-{task.pk}", "task-title-update"),
        ("workspace-acme", "workspace-task-title-update"),
    ]


def test_own_private_channel_only(ada: User, ben: User, pusher_mock: PusherMock) -> None:
    page = page_of(ben)
    page.subscribe(get_user_channel_name(ben.pk))
    with pytest.raises(AssertionError, match="Failed to get auth token"):
        page.subscribe(get_user_channel_name(ada.pk))
    assert list(page.channels) == [get_user_channel_name(ben.pk)]


def test_who_is_here(ada: User, ben: User, pusher_mock: PusherMock) -> None:
    room = get_presence_channel_name("acme")
    seen: list[tuple[str, str]] = []
    channel = page_of(ada).subscribe(room)
    for event in ("member_added", "member_removed"):
        channel.bind(
            f"pusher_internal:{event}",
            lambda data, event: seen.append((event, json.loads(data)["user_id"])),
            event,
        )
    page = page_of(ben)
    page.subscribe(room)
    page.unsubscribe(room)
    assert seen == [("member_added", str(ben.pk)), ("member_removed", str(ben.pk))]
