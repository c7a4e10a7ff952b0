"""A delivery."""

from typing import Any

from django.db import models

from .services.pusher import PusherClient


class Delivery(models.Model):
    """It tells of itself whenever it is saved."""

    address: Any = models.CharField(max_length=200)
    status: Any = models.CharField(max_length=20, default="new")

    def save(self, *args: Any, **kwargs: Any) -> None:
        super().save(*args, **kwargs)
        PusherClient.trigger(
            "deliveries", "delivery-changed", {"id": self.pk, "status": self.status}
        )
