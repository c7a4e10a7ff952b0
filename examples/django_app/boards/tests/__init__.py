"""Tests that `manage.py test` finds; pytest runs them too."""

from typing import Any, Final

#: Settings of every test: the mock and its own credentials, also where others are exported.
MOCKED: Final[dict[str, Any]] = {
    "use_mocks": True,
    "app_id": None,
    "key": None,
    "secret": None,
    "cluster": None,
}
