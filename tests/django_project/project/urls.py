"""The pages, and everything of the switch under one prefix."""

from articles import views
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt

urlpatterns = [
    path("articles", views.create),
    path("articles/open", csrf_exempt(views.create)),
    path("articles/async", views.create_async),
    path("articles/awaited", views.create_awaited),
    path("page", views.page),
    path("pusher/", include("compat.django.urls")),
]
