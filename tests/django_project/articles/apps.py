"""The application."""

from django.apps import AppConfig


class ArticlesConfig(AppConfig):
    name = "articles"

    def ready(self) -> None:
        from django.db.models.signals import post_save

        from articles import realtime
        from articles.models import Remark

        post_save.connect(realtime.remark_saved, sender=Remark)
