"""Which channels somebody listens to, as Pusher says."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from .realtime import RealTimePusher

occupied: set[str] = set()


@csrf_exempt
def webhook(request: HttpRequest) -> HttpResponse:
    pusher = RealTimePusher(settings.PUSHER_APP_ID, settings.PUSHER_KEY, settings.PUSHER_SECRET)
    hook = pusher.validate_webhook(
        key=request.headers["X-Pusher-Key"],
        signature=request.headers["X-Pusher-Signature"],
        body=request.body.decode(),
    )
    if hook is None:
        return HttpResponse(status=401)
    for event in hook["events"]:
        if event["name"] == "channel_occupied":
            occupied.add(event["channel"])
        elif event["name"] == "channel_vacated":
            occupied.discard(event["channel"])
    return HttpResponse("ok")
