"""Flask: an extension with the views that sign, webhooks, and what a page needs.

``from compat.flask import Pusher``. The switch reads the configuration of the application whose
context is active without it; the extension makes that of one application count outside, too.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, TypeVar, cast

import click
from flask import Blueprint, Flask, Response, current_app, jsonify, request, url_for
from flask.cli import ScriptInfo
from flask.helpers import get_debug_flag
from werkzeug.exceptions import Forbidden
from werkzeug.serving import is_running_from_reloader
from werkzeug.wrappers import Response as AnyResponse

from compat.accessor import announce_mocks, is_mocked
from compat.authorization import (
    BadRequest,
    Permission,
    Refusal,
    read_channel_request,
    read_webhook,
    sign_user,
)
from compat.errors import ConfigurationError
from compat.frameworks import is_test_run, use_flask_app
from compat.frontend import frontend_config
from compat.proxy import pusher_server
from compat.state import current

__all__ = ["Authorize", "Pusher", "UserData", "WebhookHandler"]

Authorize = Callable[[str], Permission | AnyResponse | Awaitable[Permission]]
"""Decides whether the sender of the request may subscribe to a channel; ``async``, too.

A response refuses: it is the way of decorators such as ``login_required`` to say no.
"""

_User = Mapping[str, Any] | None

UserData = Callable[[], _User | AnyResponse | Awaitable[_User]]
"""Says who the sender of the request is; ``None`` for nobody, and so does a response."""

WebhookHandler = Callable[[dict[str, Any]], object]
"""Takes one event of a webhook: ``name``, ``channel`` and more (facts 3.2)."""

_A = TypeVar("_A", bound=Authorize)
_U = TypeVar("_U", bound=UserData)
_W = TypeVar("_W", bound=WebhookHandler)

_NO_RULE: Final = Refusal(
    "nothing says who may subscribe: decorate a function of the channel's name with "
    "@pusher.authorize"
)
_NOT_LOGGED_IN: Final = Refusal("log in first")
"""What a response in place of a permission comes to: a browser that subscribes cannot follow it."""


class Pusher:
    """The extension: make one at module level, then `init_app` in a factory, or pass the app.

    One object serves any number of applications. It adds

    - the addresses ``auth``, ``user-auth`` and ``webhook`` under `url_prefix` (endpoints
      ``pusher.auth``, ``pusher.user_auth``, ``pusher.webhook``);
    - ``pusher_config()`` and ``pusher_is_mocked()`` in every template;
    - itself as ``app.extensions["pusher"]``.

    Attributes:
        server: The publishing client by the configuration of the moment.
        blueprint: The views, to wrap.
    """

    def __init__(
        self,
        app: Flask | None = None,
        *,
        url_prefix: str | None = "/pusher",
        authorize: Authorize | None = None,
        user_data: UserData | None = None,
    ) -> None:
        """Make the extension.

        Args:
            app: Initialised at once.
            url_prefix: Where the views are; ``None`` for no views.
            authorize: The function that `authorize` decorates.
            user_data: The function that `user_data` decorates.
        """
        self.server: Final = pusher_server
        self.blueprint: Final = Blueprint("pusher", __name__)
        self._url_prefix = url_prefix
        self._authorize = authorize
        self._user_data = user_data
        self._handlers: list[tuple[str | None, WebhookHandler]] = []
        for rule, view in (
            ("/auth", self._answer_channels),
            ("/user-auth", self._answer_user),
            ("/webhook", self.webhook_view),
        ):
            name = rule[1:].replace("-", "_")
            self.blueprint.add_url_rule(rule, name, view, methods=["POST"])
        if app is not None:
            self.init_app(app)

    def __repr__(self) -> str:
        rule = "nobody" if self._authorize is None else getattr(self._authorize, "__name__", "?")
        return (
            f"<Pusher url_prefix={self._url_prefix!r} authorize={rule} "
            f"webhooks={len(self._handlers)}>"
        )

    def init_app(self, app: Flask) -> None:
        """Add everything to an application.

        Outside of any context, the application that was initialised last counts.

        Args:
            app: The application.
        """
        use_flask_app(app)
        app.extensions["pusher"] = self
        if self._url_prefix is not None:
            app.register_blueprint(self.blueprint, url_prefix=self._url_prefix)
        app.context_processor(
            lambda: {"pusher_config": self.page_config, "pusher_is_mocked": is_mocked}
        )
        if not app.testing and not is_test_run() and _is_served():
            _announce(app)

    # Hooks -------------------------------------------------------------------------------------

    def authorize(self, function: _A) -> _A:
        """Decorate the function that decides who may subscribe.

        It is called in the request with each channel that can be signed, and returns whether the
        subscription is allowed, or the member's data: ``{"user_id": ..., "user_info": ...}``,
        which a presence channel needs. ``abort(403)`` refuses, too, and so does a response such as
        the redirect of Flask-Login's ``login_required``. Without it, everybody is refused. A value
        that is neither makes the view fail with `TypeError`.

        Args:
            function: Of one channel name.

        Returns:
            The function.
        """
        self._authorize = function
        return function

    def user_data(self, function: _U) -> _U:
        """Decorate the function that says who signs in.

        Args:
            function: Without parameters; returns ``{"id": ..., "user_info": ...}``, or ``None``.

        Returns:
            The function.
        """
        self._user_data = function
        return function

    def webhook(self, name: str | _W) -> Any:
        """Decorate a function that takes events of webhooks.

        ``@pusher.webhook`` takes all, ``@pusher.webhook("member_added")`` those of that name. One
        that raises makes the view answer 500, so that Pusher sends the webhook again.

        Args:
            name: Of the events; or the function.

        Returns:
            The function, or the decorator.
        """
        if not isinstance(name, str):
            self._handlers.append((None, name))
            return name

        def decorate(function: _W) -> _W:
            self._handlers.append((name, function))
            return function

        return decorate

    # In a request ------------------------------------------------------------------------------

    def trigger(self, *args: Any, **kwargs: Any) -> Any:
        """Publish: `pusher.Pusher.trigger` of `server`, with its parameters and errors."""
        return self.server.trigger(*args, **kwargs)

    def page_config(self) -> dict[str, Any]:
        """Return the key and the options of ``new Pusher(key, options)``; never a secret.

        Returns:
            What `frontend_config` returns; ``channelAuthorization`` and ``userAuthentication``
            if there are views, with a CSRF header if Flask-WTF has put ``csrf_token`` into the
            templates.

        Raises:
            ConfigurationError: The settings are incomplete or wrong.
        """
        config: dict[str, Any] = {**frontend_config()}
        if self._url_prefix is None:
            return config
        token = current_app.jinja_env.globals.get("csrf_token")
        headers = {"X-CSRFToken": token()} if callable(token) else {}
        for option, endpoint in (
            ("channelAuthorization", "pusher.auth"),
            ("userAuthentication", "pusher.user_auth"),
        ):
            config[option] = {
                "endpoint": url_for(endpoint),
                "transport": "ajax",
                "headers": headers,
            }
        return config

    def webhook_view(self) -> tuple[Response, int]:
        """Answer a webhook: the view behind ``pusher.webhook``.

        Flask-WTF protects it against forgery like any other, and Pusher has no token of it. The
        signature does that job: ``csrf.exempt(pusher.webhook_view)``.

        Returns:
            200 when every function has taken its events, or 401 when the signature does not fit.
        """
        payload = self.verify_webhook()
        if payload is None:
            return jsonify(error="the signature does not fit"), 401
        for event in payload.get("events", ()):
            for name, handler in self._handlers:
                if name in (None, event.get("name")):
                    current_app.ensure_sync(handler)(event)
        return jsonify({}), 200

    def verify_webhook(self) -> dict[str, Any] | None:
        """Check the signature of the webhook that the request is.

        Returns:
            ``{"time_ms": ..., "events": [...]}``, or ``None`` when it is not from Pusher, or older
            than five minutes.
        """
        return read_webhook(dict(request.headers), request.get_data())

    # Views -------------------------------------------------------------------------------------

    def _answer_channels(self) -> tuple[Response, int]:
        try:
            asked = read_channel_request(request.form)
        except BadRequest as error:
            return jsonify(error=str(error)), 400
        answer = asked.answer({channel: self._permission(channel) for channel in asked.signable})
        return jsonify(answer.body), answer.status

    def _permission(self, channel: str) -> Permission:
        if self._authorize is None:
            return _NO_RULE
        try:
            permission = current_app.ensure_sync(self._authorize)(channel)
        except Forbidden as error:
            return Refusal(error.description) if error.description else False
        if isinstance(permission, AnyResponse):
            return _NOT_LOGGED_IN
        return cast("Permission", permission)

    def _answer_user(self) -> tuple[Response, int]:
        user: Any = None
        try:
            if self._user_data is not None:
                user = current_app.ensure_sync(self._user_data)()
        except Forbidden:
            pass
        try:
            answer = sign_user(request.form, None if isinstance(user, AnyResponse) else user)
        except BadRequest as error:
            return jsonify(error=str(error)), 400
        return jsonify(answer.body), answer.status


def _is_served() -> bool:
    """Return whether this process will answer requests, as far as anybody can tell.

    A command of the `flask` program other than `run` does not, and says it at its first use. Of
    the two processes of a reloading `run` only the inner one does.
    """
    context = click.get_current_context(silent=True)
    if context is None or context.find_object(ScriptInfo) is None:
        return True
    if context.info_name != "run":
        return False
    reloads = context.params.get("reload")
    return is_running_from_reloader() or not (get_debug_flag() if reloads is None else reloads)


def _announce(app: Flask) -> None:
    """Say at the start that mocks are on; wrong settings are said by the first use."""
    with app.app_context():
        try:
            current()
        except ConfigurationError:
            return
        if is_mocked():
            announce_mocks()
