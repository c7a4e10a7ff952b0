"""What has to do with Pusher."""

from .base import get_pusher

__all__ = ["get_pusher"]
