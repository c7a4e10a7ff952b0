"""A client for each request, in a mixin of class-based views."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.shapes.shape import Shape

if TYPE_CHECKING:
    from django.test import Client

SHAPE = Shape(
    8,
    "client for each request in a mixin of views; a template tag writes `new Pusher('KEY')`",
    framework="Django",
    doors=("sdk",),
    shows="a rendered page publishes to those who look at it; with and without a cluster",
)


def test_a_view_publishes(mock: Any, page: Any, client: Client, settings: Any):
    reader = page(settings.PUSHER_KEY)
    reader.subscribe("page_4")
    html = client.get("/s08/page/4/").content.decode()
    seen = ("view", {"page": 4, "from": "127.0.0.1"})
    assert reader.heard("page_4") == [seen]
    mock.assert_triggered("page_4", *seen, times=1)
    assert f"new Pusher('{settings.PUSHER_KEY}', {{cluster: '{settings.PUSHER_CLUSTER}'}})" in html


def test_without_a_cluster(mock: Any, client: Client, settings: Any):
    del settings.PUSHER_CLUSTER
    assert "{cluster: 'mt1'}" in client.get("/s08/page/4/").content.decode()
    mock.assert_triggered("page_4", "view", times=1)


def test_other_doors_do_not_catch_it(others: Any, client: Client):
    with others():
        client.get("/s08/page/4/")
