"""Mocks that tests make by themselves: they are found, and nobody keeps them for that."""

from __future__ import annotations

import gc
import weakref

from pusher_mock import PusherMock
from pusher_mock.core import Core
from pusher_mock.testing.made import begin, forget, made_since, remember


def test_the_latest_first():
    before = PusherMock()
    began = begin()
    assert made_since(began) == []
    one, two, three = PusherMock(), PusherMock(), PusherMock()
    forget(two)
    forget(two)
    assert made_since(began) == [three, one]
    assert before not in made_since(began)
    remember(two)
    assert made_since(began) == [two, three, one]


def test_what_is_not_made_by_a_test():
    began = begin()
    PusherMock.around(Core())
    assert made_since(began) == []


def test_nothing_is_kept():
    began = begin()
    mock = PusherMock()
    gone = weakref.ref(mock)
    del mock
    gc.collect()
    assert gone() is None
    assert made_since(began) == []
