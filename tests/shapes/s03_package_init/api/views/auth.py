"""Authorization for channels, of users who are logged in."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views import View
from tests.shapes.s03_package_init.api import pusher_client


class IsAuthenticated:
    """A permission."""

    def has_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_authenticated)


class APIView(View):
    """A view behind permissions."""

    permission_classes: tuple[type[IsAuthenticated], ...] = ()

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not all(one().has_permission(request) for one in self.permission_classes):
            return JsonResponse({"detail": "Log in first."}, status=403)
        return super().dispatch(request, *args, **kwargs)


class PusherAuth(APIView):
    """Sign for whoever asks, as the user that he is."""

    permission_classes = (IsAuthenticated,)

    def post(self, request: HttpRequest) -> HttpResponse:
        user: Any = request.user
        member = {"user_id": user.pk, "user_info": {"username": user.username}}
        channel, socket = request.POST["channel_name"], request.POST["socket_id"]
        return JsonResponse(pusher_client.authenticate(channel, socket, member))
