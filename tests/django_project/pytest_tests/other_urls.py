"""URLs of another project, where the address of the mock answers with a page."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path


def page(request: HttpRequest) -> HttpResponse:
    return HttpResponse("a page", status=200)


page.csrf_exempt = True  # type: ignore[attr-defined]

urlpatterns = [path("pusher/mock", page), path("pusher/", include("compat.django.urls"))]
