"""Posters: let a framework's test client answer the ``auth_endpoint`` of a client double."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["Posted", "django_poster", "flask_poster"]

_FORM = "application/x-www-form-urlencoded"


class Posted:
    """An answer with what pysher reads of a ``requests.Response``.

    Attributes:
        status_code: the HTTP status.
        text: the body.
    """

    def __init__(self, status_code: int, text: str) -> None:
        self.status_code = status_code
        self.text = text

    def json(self) -> Any:
        """The body decoded; ``ValueError`` when it is not JSON."""
        return json.loads(self.text)

    def __repr__(self) -> str:
        return f"<Posted {self.status_code} {self.text!r}>"


def _form(data: Mapping[str, Any]) -> str:
    # As requests encodes it: of a nested dict only the keys are sent (facts 5.2.15), and of None
    # nothing.
    pairs = [
        (name, one)
        for name, value in data.items()
        for one in (
            value if hasattr(value, "__iter__") and not isinstance(value, str | bytes) else [value]
        )
        if one is not None
    ]
    return urlencode(pairs)


def _target(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"


def django_poster(client: Any) -> Callable[..., Posted]:
    """Post to the views of a Django project, as the user who is logged in on the test client.

    Args:
        client: a ``django.test.Client``.

    Returns:
        A ``poster`` for ``MockPusherClient``; scheme and host of the URL are ignored.
    """

    def post(url: str, data: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Posted:
        answer = client.post(
            _target(url), data=_form(data), content_type=_FORM, headers=dict(headers or {})
        )
        return Posted(answer.status_code, answer.getvalue().decode())

    return post


def flask_poster(client: Any) -> Callable[..., Posted]:
    """Post to the views of a Flask application.

    Args:
        client: what ``app.test_client()`` returned.

    Returns:
        A ``poster`` for ``MockPusherClient``; scheme and host of the URL are ignored.
    """

    def post(url: str, data: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Posted:
        answer = client.post(
            _target(url), data=_form(data), content_type=_FORM, headers=dict(headers or {})
        )
        return Posted(answer.status_code, answer.get_data(as_text=True))

    return post
