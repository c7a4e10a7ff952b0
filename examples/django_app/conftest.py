"""For every test that pytest runs here, those of Django's test cases included."""

from collections.abc import Iterator

import pytest
from compat import override

from boards.tests import MOCKED


@pytest.fixture(autouse=True, scope="session")
def mocks_on() -> Iterator[None]:
    """Whatever the environment says: no test talks to Pusher."""
    with override(**MOCKED):
        yield
