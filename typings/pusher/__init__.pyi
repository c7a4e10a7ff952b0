from .pusher import Pusher as Pusher

__all__ = ["Pusher"]
