"""Everything under one prefix: ``path("pusher/", include("compat.django.urls"))``."""

from django.urls import path

from compat.django.control import control
from compat.django.views import ChannelAuthorizationView, UserAuthorizationView, WebhookView

__all__ = ["app_name", "urlpatterns"]

app_name = "pusher"

urlpatterns = [
    path("auth", ChannelAuthorizationView.as_view(), name="auth"),
    path("user-auth", UserAuthorizationView.as_view(), name="user-auth"),
    path("webhook", WebhookView.as_view(), name="webhook"),
    path("mock", control, name="mock"),
]
