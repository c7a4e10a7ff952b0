"""A Django project in one file, which knows nothing of this package, and its browser test."""
