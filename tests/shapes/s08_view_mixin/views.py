"""The views."""

from django.views.generic import TemplateView

from .mixins import PusherMixin


class PageView(PusherMixin, TemplateView):  # type: ignore[misc]
    """A page."""

    template_name = "pusherable/page.html"
    pusher_event_name = "view"
