"""``python -m s17_pydantic_settings``: train a model."""

from .apps.models import train

print(train(7))
