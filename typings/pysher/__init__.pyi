from pysher.connection import Connection as Connection
from pysher.pusher import Pusher as Pusher

__all__ = ["Connection", "Pusher"]
