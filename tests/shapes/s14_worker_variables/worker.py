"""What the container runs."""

from .client import pusher_client


def analyse(slide: int) -> None:
    for percent in (0, 50, 100):
        pusher_client.trigger(f"slide-{slide}", "progress", {"percent": percent})


if __name__ == "__main__":
    analyse(7)
