"""Views that sign subscriptions and sign-ins, and take webhooks.

As functions for views of your own (Django REST framework included), and as class-based views;
`compat.django.urls` has all of them ready.
"""

from collections.abc import Mapping
from typing import Any, Final

from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from compat.authorization import (
    BadRequest,
    Permission,
    Refusal,
    read_channel_request,
    read_webhook,
    sign_user,
)
from compat.django.options import AUTHORIZE, Authorize, UserData, authorize_hook, user_data_hook
from compat.django.signals import webhook_received

__all__ = [
    "ChannelAuthorizationView",
    "UserAuthorizationView",
    "WebhookView",
    "authorize_channels",
    "authorize_user",
    "presence_member",
    "verify_webhook",
]

_POST_ONLY: Final = ["post", "options"]
_NOT_LOGGED_IN: Final = Refusal("log in first")
"""What a response in place of a permission comes to: a browser that subscribes cannot follow it."""


def presence_member(user: Any) -> dict[str, Any]:
    """Describe a user to the other members of a presence channel.

    Args:
        user: A user of Django's authentication.

    Returns:
        ``user_id`` (the primary key, as text) and ``user_info`` with the ``name``.
    """
    name = user.get_full_name() or user.get_username()
    return {"user_id": str(user.pk), "user_info": {"name": name}}


def authorize_channels(request: HttpRequest, authorize: Authorize) -> JsonResponse:
    """Answer a request for private, presence or encrypted channels, one or a batch.

    Args:
        request: A POST with ``socket_id`` and ``channel_name`` (or ``channel_name[0]``, …). The
            request of Django REST framework will do.
        authorize: Called with the request and each channel that can be signed. Returns whether it
            is allowed, or the member's data; may raise `PermissionDenied`. ``True`` for a presence
            channel stands for `presence_member` of ``request.user``.

    Returns:
        200 with the signature, 403, or 400 when the form is malformed; for a batch always 200
        with a status for each channel (facts 2.7).

    Raises:
        ConfigurationError: An encrypted channel is allowed, and there is no master key.
        ValueError: A presence channel is allowed without a ``user_id``.
    """
    try:
        asked = read_channel_request(request.POST)
    except BadRequest as error:
        return JsonResponse({"error": str(error)}, status=400)
    answer = asked.answer({c: _permission(request, c, authorize) for c in asked.signable})
    return JsonResponse(answer.body, status=answer.status)


def authorize_user(request: HttpRequest, user_data: UserData) -> JsonResponse:
    """Answer a request to sign in on a connection.

    Args:
        request: A POST with ``socket_id``.
        user_data: Called with the request. Returns ``{"id": ..., "user_info": ...}``, or ``None``
            to refuse; may raise `PermissionDenied`.

    Returns:
        200 with the signature, 403, or 400 when the form is malformed (facts 2.7).

    Raises:
        ValueError: The user has no ``id``.
    """
    try:
        user = user_data(request)
    except PermissionDenied:
        user = None
    if isinstance(user, HttpResponseBase):  # of a decorator such as `login_required`
        user = None
    try:
        answer = sign_user(request.POST, user)
    except BadRequest as error:
        return JsonResponse({"error": str(error)}, status=400)
    return JsonResponse(answer.body, status=answer.status)


def verify_webhook(request: HttpRequest) -> dict[str, Any] | None:
    """Check the signature of a webhook.

    Args:
        request: The request, its body not read as a form before.

    Returns:
        ``{"time_ms": ..., "events": [...]}``, or ``None`` when it is not from Pusher, or older
        than five minutes.
    """
    return read_webhook(request.headers, request.body)


class ChannelAuthorizationView(View):
    """Signs subscriptions of users who are logged in.

    Give it the rule in one of three ways: override `authorize`, pass
    ``as_view(permit=function)``, or set `PUSHER_AUTHORIZE`. CSRF protection is on, as for any
    other view: `{% pusher_config %}` hands the page the header.

    Attributes:
        permit: A function of request and channel name.
        login_required: Whether anonymous users are refused unasked.
    """

    http_method_names = _POST_ONLY
    permit: Authorize | None = None
    login_required = True

    def authorize(self, request: HttpRequest, channel_name: str) -> Permission | HttpResponseBase:
        """Decide about one channel.

        Args:
            request: The request.
            channel_name: A valid name that starts with ``private-`` or ``presence-``.

        Returns:
            Whether the subscription is allowed, or the member's data.

        Raises:
            ImproperlyConfigured: There is no rule.
        """
        permit = self.permit or authorize_hook()
        if permit is None:
            raise ImproperlyConfigured(
                f"nothing says who may subscribe to {channel_name}: set {AUTHORIZE} to a "
                "function(request, channel_name) or its dotted path, or override authorize()"
            )
        return permit(request, channel_name)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer; see `authorize_channels`."""
        if self.login_required and not _is_logged_in(request):
            return JsonResponse({"error": _NOT_LOGGED_IN.reason}, status=403)
        return authorize_channels(request, self.authorize)


class UserAuthorizationView(View):
    """Signs users in on their connections, so that `send_to_user` reaches them.

    Override `user_data`, or set `PUSHER_USER_DATA`; otherwise the user who is logged in is
    described as `presence_member` does. CSRF protection is on.
    """

    http_method_names = _POST_ONLY

    def user_data(self, request: HttpRequest) -> Mapping[str, Any] | HttpResponseBase | None:
        """Say who it is.

        Args:
            request: The request.

        Returns:
            ``id``, ``user_info`` and perhaps ``watchlist``; ``None`` to refuse.
        """
        hook = user_data_hook()
        if hook is not None:
            return hook(request)
        if not _is_logged_in(request):
            return None
        member = presence_member(request.user)
        return {"id": member["user_id"], "user_info": member["user_info"]}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer; see `authorize_user`."""
        return authorize_user(request, self.user_data)


@method_decorator(csrf_exempt, name="dispatch")
class WebhookView(View):
    """Takes Pusher's webhooks: checks the signature, then tells of each event.

    Override `handle`, or connect to `compat.django.signals.webhook_received`.
    """

    http_method_names = _POST_ONLY

    def handle(self, event: dict[str, Any], time_ms: int) -> None:
        """Take one event; this one sends the signal.

        Args:
            event: ``name``, ``channel`` and more (facts 3.2).
            time_ms: When Pusher made the webhook, in milliseconds since 1970.
        """
        webhook_received.send(sender=type(self), event=event, time_ms=time_ms, request=self.request)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer 200, or 401 when the signature does not fit."""
        payload = verify_webhook(request)
        if payload is None:
            return JsonResponse({"error": "the signature does not fit"}, status=401)
        for event in payload.get("events", ()):
            self.handle(event, payload["time_ms"])
        return JsonResponse({})


def _permission(request: HttpRequest, channel: str, authorize: Authorize) -> Permission:
    try:
        permission = authorize(request, channel)
    except PermissionDenied as denied:
        return Refusal(str(denied)) if str(denied) else False
    if isinstance(permission, HttpResponseBase):  # of a decorator such as `login_required`
        return _NOT_LOGGED_IN
    if permission is True and channel.startswith("presence-") and _is_logged_in(request):
        return presence_member(request.user)
    return permission


def _is_logged_in(request: HttpRequest) -> bool:
    user = getattr(request, "user", None)
    return user is not None and bool(user.is_authenticated)
