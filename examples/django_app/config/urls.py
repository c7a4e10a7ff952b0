"""The example has one app; its URLs are the site's."""

from django.urls import include, path

urlpatterns = [path("", include("boards.urls"))]
