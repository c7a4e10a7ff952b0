"""The example has one app, whose URLs are the site's, and what Pusher's clients call."""

from django.urls import include, path

urlpatterns = [
    path("", include("boards.urls")),
    # pusher/auth, pusher/user-auth, pusher/webhook, and for `manage.py pusher_mock` pusher/mock.
    path("pusher/", include("compat.django.urls")),
]
