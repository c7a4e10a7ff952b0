"""Who visits."""

from django.http import HttpRequest, HttpResponse
from pusher import Pusher
from tests.shapes.s16_variables_at_import.reading import config

pusher = Pusher(
    app_id=config("PUSHER_APP_ID"),
    key=config("PUSHER_KEY"),
    secret=config("PUSHER_SECRET"),
    cluster=config("PUSHER_CLUSTER"),
)


def visit(request: HttpRequest) -> HttpResponse:
    pusher.trigger("visits", "new", {"path": request.path, "from": request.META["REMOTE_ADDR"]})
    return HttpResponse("ok")
