from django.urls import path
from django.views.generic import TemplateView

from .pusher.auth import pusher_auth

urlpatterns = [
    path("", TemplateView.as_view(template_name="portfolio/base.html")),
    path("pusher/auth", pusher_auth),
]
