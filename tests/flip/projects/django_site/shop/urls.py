"""Where the views are."""

from __future__ import annotations

from django.urls import path

from . import views

urlpatterns = [path("order", views.order)]
