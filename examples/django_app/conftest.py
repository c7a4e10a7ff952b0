"""For every test that pytest runs here, those of Django's test cases included."""

from collections.abc import Iterator

import pytest

from boards.tests import mocked


@pytest.fixture(autouse=True, scope="session")
def mocks_on() -> Iterator[None]:
    """For the whole run; a test may still override."""
    with mocked():
        yield
