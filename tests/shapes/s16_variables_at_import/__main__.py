"""``python -m s16_variables_at_import``: one visit, to see whether it is counted."""

from django.conf import settings
from django.test import RequestFactory

settings.configure(SECRET_KEY="for tests only")

from .tracker.views import visit  # noqa: E402 - Django wants its settings first

print(visit(RequestFactory().get("/shop")).content.decode())
