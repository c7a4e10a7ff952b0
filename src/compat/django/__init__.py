"""Django: settings checks, views that sign, a template tag, and a look into the mock.

Add ``"compat.django"`` to ``INSTALLED_APPS``. The switch itself reads Django's settings without
it. Nothing is imported here: Django imports what it needs once its apps are ready.
"""

__all__: list[str] = []
