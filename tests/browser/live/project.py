"""A shop as its author wrote it: a client at import, literals in the page, the script from the CDN.

The page subscribes to a private channel; the authorization view signs with the same client.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pusher
from django.conf import settings

settings.configure(
    SECRET_KEY="for this test only",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    USE_TZ=True,
    STATIC_URL="static/",
)

import django  # noqa: E402 - after the settings

django.setup()

from django.contrib.auth.models import User  # noqa: E402
from django.http import HttpResponse, JsonResponse  # noqa: E402
from django.urls import path  # noqa: E402
from django.views.decorators.csrf import csrf_exempt  # noqa: E402

if TYPE_CHECKING:
    from django.http import HttpRequest

pusher_client = pusher.Pusher(app_id="412", key="shop-key", secret="shop-secret", cluster="mt1")

PAGE = """<!doctype html><title>Shop</title>
<script src="https://js.pusher.com/8.4.0/pusher.min.js"></script>
<ul></ul><p id="state"></p>
<script>
  const pusher = new Pusher("shop-key", {
    cluster: "mt1",
    channelAuthorization: { endpoint: "/pusher/auth" },
  });
  pusher.connection.bind("state_change", ({ current }) => {
    document.getElementById("state").textContent = current;
  });
  pusher.subscribe("private-orders").bind("paid", (order) => {
    const item = document.createElement("li");
    item.textContent = `Order ${order.orderId} by ${order.name}`;
    document.querySelector("ul").append(item);
  });
</script>
"""


def page(request: HttpRequest) -> HttpResponse:
    return HttpResponse(PAGE)


@csrf_exempt
def authorize(request: HttpRequest) -> JsonResponse:
    return JsonResponse(
        pusher_client.authenticate(request.POST["channel_name"], request.POST["socket_id"])
    )


@csrf_exempt
def pay(request: HttpRequest) -> JsonResponse:
    order = json.loads(request.body)
    name = User.objects.get(pk=order["user"]).username
    pusher_client.trigger("private-orders", "paid", {"orderId": order["orderId"], "name": name})
    return JsonResponse({})


urlpatterns = [path("", page), path("pusher/auth", authorize), path("pay", pay)]
