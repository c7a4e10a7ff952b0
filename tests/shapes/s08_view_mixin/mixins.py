"""What makes a view publish."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from pusher import Pusher


class PusherMixin:
    """A view that publishes an event on its page's channel each time that it is rendered."""

    pusher_event_name: str
    request: HttpRequest

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponseBase:
        options = {}
        try:  # noqa: SIM105 - as applications have it
            options["cluster"] = settings.PUSHER_CLUSTER
        except AttributeError:
            pass
        pusher = Pusher(
            app_id=settings.PUSHER_APP_ID,
            key=settings.PUSHER_KEY,
            secret=settings.PUSHER_SECRET,
            **options,
        )
        pusher.trigger(
            f"page_{context['page']}", self.pusher_event_name, self.get_pusher_payload(context)
        )
        rendered: HttpResponseBase = super().render_to_response(context, **kwargs)  # type: ignore[misc]
        return rendered

    def get_pusher_payload(self, context: dict[str, Any]) -> dict[str, Any]:
        return {"page": context["page"], "from": self.request.META["REMOTE_ADDR"]}
