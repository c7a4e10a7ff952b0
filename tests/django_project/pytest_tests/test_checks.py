"""What `manage.py check` says."""

import pytest
from django.core.checks import run_checks
from django.core.checks.registry import registry
from django.http import HttpRequest
from django.test import override_settings

from compat.django import checks


def _ids(deploy: bool = False) -> list[str]:
    found = run_checks(tags=["pusher"], include_deployment_checks=deploy)
    return [str(message.id).removeprefix("pusher_compat.") for message in found]


def test_they_are_registered():
    always: set[object] = {*registry.registered_checks}
    assert {checks.check_switch, checks.check_hooks} <= always
    deployment: set[object] = {*registry.deployment_checks}
    assert checks.check_deployment in deployment


def test_nothing_is_wrong():
    assert _ids(deploy=True) == []


def test_mocks_on_in_a_test():
    with override_settings(USE_MOCKS=True):
        assert _ids() == []
        assert _ids(deploy=True) == ["W004"]
    with override_settings(USE_MOCKS_WITHOUT_DEBUG=True):
        assert _ids(deploy=True) == ["W004"]


@override_settings(PUSHER_KEY=None)
def test_missing_credentials_are_a_warning():
    assert _ids(deploy=True) == ["W001"]
    [message] = run_checks(tags=["pusher"])
    assert "the key is missing: set PUSHER_KEY" in str(message)


@override_settings(PUSHER_PORT="http")
def test_a_wrong_value_is_an_error():
    assert _ids() == ["E002"]


@override_settings(PUSHER_KEY="mock-pusher-key")
def test_the_mocks_key_with_mocks_off():
    assert _ids() == ["W002"]


@pytest.mark.parametrize("value", ["articles.nothing", "nothing.at_all", "nonsense", 7])
def test_a_hook_that_is_none(value: object):
    with override_settings(PUSHER_AUTHORIZE=value):
        assert _ids() == ["E003"]
    with override_settings(PUSHER_USER_DATA=value):
        assert _ids() == ["E003"]


def _user(request: HttpRequest) -> None:
    return None


@override_settings(PUSHER_AUTHORIZE=None, PUSHER_USER_DATA=_user)
def test_the_ready_made_view_without_a_rule():
    assert _ids() == ["W003"]
    with override_settings(ROOT_URLCONF="django.contrib.auth.urls"):
        assert _ids() == []
