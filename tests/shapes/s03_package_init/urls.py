from django.urls import path

from .api.views.auth import PusherAuth

urlpatterns = [path("auth/pusher/", PusherAuth.as_view())]
