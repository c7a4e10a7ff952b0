"""Users, and browsers in which they are logged in."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client


@pytest.fixture
def ada(db: None) -> User:
    return User.objects.create_user("ada", first_name="Ada", last_name="Lovelace")


@pytest.fixture
def browser(ada: User, client: Client) -> Client:
    client.force_login(ada)
    return client


@pytest.fixture
def sign(browser: Client) -> Callable[..., tuple[int, Any]]:
    """Post to the authorization view; return status and decoded body."""

    def post(address: str = "/pusher/auth", **fields: str) -> tuple[int, Any]:
        answer = browser.post(address, {"socket_id": "1.2", **fields})
        return answer.status_code, answer.json()

    return post
