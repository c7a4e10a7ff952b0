"""What a Celery worker does. It publishes as a view does, by the same functions."""

from typing import Any, Final

from pusher.errors import PusherError

from boards import digests
from boards.models import Digest
from config.celery import app

RETRY_AFTER_S: Final = 5


@app.task(bind=True, max_retries=1, default_retry_delay=RETRY_AFTER_S)
def write_digest(task: Any, digest_id: int) -> None:
    """Write a digest and say how far it is; when Pusher refuses, try once more from the start."""
    digest = Digest.objects.select_related("workspace").get(pk=digest_id)
    try:
        digests.write(digest)
    except (PusherError, OSError) as error:  # refused, or not reached
        if task.request.retries == task.max_retries:
            digests.give_up(digest)
        raise task.retry(exc=error) from error
