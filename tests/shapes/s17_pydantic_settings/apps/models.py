"""Models of a place, and how far their training is."""

from tests.shapes.s17_pydantic_settings.config.pusher import pusher_client


def train(model: int) -> str:
    pusher_client.trigger(f"model-{model}", "trained", {"model": model, "error": 0.25})
    return "trained"
