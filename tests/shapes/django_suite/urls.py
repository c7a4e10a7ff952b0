"""Each application at a path of its own."""

from __future__ import annotations

from django.urls import include, path

SHAPES = "tests.shapes"

urlpatterns = [
    path("s01/", include(f"{SHAPES}.s01_module_literals.urls")),
    path("s02/", include(f"{SHAPES}.s02_literals_despite_settings.backend.urls")),
    path("s03/", include(f"{SHAPES}.s03_package_init.urls")),
    path("s06/", include(f"{SHAPES}.s06_package_named_pusher.urls")),
    path("s07/", include(f"{SHAPES}.s07_subclasses.urls")),
    path("s08/", include(f"{SHAPES}.s08_view_mixin.urls")),
    path("s09/", include(f"{SHAPES}.s09_provider.urls")),
]
