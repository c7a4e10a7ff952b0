"""What is told to whom."""

from .pusher import get_pusher


def post_created(user: int, text: str) -> bool:
    """Tell a user of a post; returns whether there was anybody to tell."""
    pusher = get_pusher()
    if pusher is None:
        return False
    pusher.trigger(f"private-user_{user}", "message_posted", {"posts": [{"text": text}]})
    return True
