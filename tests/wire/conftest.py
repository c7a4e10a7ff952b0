"""Real clients over real sockets."""

from .serving import serving

__all__ = ["serving"]
