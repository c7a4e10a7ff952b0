"""People and a task, as fixtures."""

import pytest
from django.contrib.auth.models import User

from boards.demo import seed
from boards.models import Task


@pytest.fixture
def demo(db: None) -> None:
    seed()


@pytest.fixture
def ada(demo: None) -> User:
    return User.objects.get(username="ada")


@pytest.fixture
def ben(demo: None) -> User:
    return User.objects.get(username="ben")


@pytest.fixture
def task(demo: None) -> Task:
    return Task.objects.get(title="Search forgets the chosen filter")
