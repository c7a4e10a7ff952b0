"""A project that uses every Django part of the switch; `tests/test_django_project.py` runs it."""
