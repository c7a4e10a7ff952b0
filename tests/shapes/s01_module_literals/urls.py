from django.urls import path

from . import views

urlpatterns = [
    path("", views.home),
    path("message/", views.message),
    path("auth/private/", views.auth_private),
    path("auth/presence/", views.auth_presence),
]
