from django.urls import path

from .views import chat_handlers

urlpatterns = [
    path("chat/<slug:other>/", chat_handlers.chat_with_user),
    path("chat/<slug:other>/send/", chat_handlers.send_message),
    path("pusher/auth/", chat_handlers.pusher_authentication),
]
