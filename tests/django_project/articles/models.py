"""Rows that publish when they are saved."""

from typing import Any

from django.db import models

from compat import pusher_server


class Article(models.Model):
    """Publishes from `save()`."""

    title: "models.CharField[str, str]" = models.CharField(max_length=100)

    def save(self, *args: Any, **kwargs: Any) -> None:
        super().save(*args, **kwargs)
        pusher_server.trigger("articles", "saved", {"title": self.title})


class Remark(models.Model):
    """Publishes from a `post_save` receiver, which fixtures reach, too."""

    text: "models.CharField[str, str]" = models.CharField(max_length=100)
