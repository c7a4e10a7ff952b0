"""The context processor and the template tag."""

import json
from typing import Any

import pytest
from django.template import Context, Template
from django.test import Client, RequestFactory, override_settings

from compat.django.context_processors import pusher
from compat.django.page import page_config


def _element(html: str, name: str) -> dict[str, Any]:
    text = html.partition(f'<script id="{name}" type="application/json">')[2].partition("<")[0]
    found: dict[str, Any] = json.loads(text)
    return found


def test_a_page_with_mocks_off(client: Client):
    html = client.get("/page").content.decode()
    assert "<p>key-of-settings eu False</p>" in html
    config = _element(html, "pusher-config")
    assert (config["key"], config["cluster"]) == ("key-of-settings", "eu")
    assert config["channelAuthorization"]["endpoint"] == "/pusher/auth"
    assert config["userAuthentication"]["endpoint"] == "/pusher/user-auth"
    assert config["channelAuthorization"]["headers"].keys() == {"X-CSRFToken"}
    other = _element(html, "other")
    assert other["channelAuthorization"]["endpoint"] == "/sign"
    assert other["userAuthentication"]["endpoint"] == "/sign-in"
    assert "secret" not in html


@pytest.mark.usefixtures("use_mocks")
def test_a_page_with_mocks_on(client: Client):
    assert "<p>key-of-settings eu True</p>" in client.get("/page").content.decode()


def test_a_template_without_a_request():
    html = Template("{% load pusher %}{% pusher_config %}").render(Context())
    assert _element(html, "pusher-config")["channelAuthorization"]["headers"] == {}


def test_what_is_in_the_element_is_escaped():
    with override_settings(PUSHER_KEY="</script><script>alert(1)</script>"):
        html = Template("{% load pusher %}{% pusher_config %}").render(Context())
    assert html.count("</script>") == 1


@override_settings(ROOT_URLCONF="django.contrib.auth.urls")
def test_without_the_urls_there_are_no_endpoints():
    assert page_config(None) == {"key": "key-of-settings", "cluster": "eu"}


@override_settings(PUSHER_KEY=None, PUSHER_SECRET=None)
def test_a_page_that_does_not_use_it_needs_no_credentials():
    context = pusher(RequestFactory().get("/"))
    assert Template("fine").render(Context(context)) == "fine"
