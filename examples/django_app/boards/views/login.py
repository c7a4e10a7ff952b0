"""Logging in, with one click as a demo user while developing."""

from typing import Any

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.models import User
from django.contrib.auth.views import LoginView
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from boards.demo import DEMO_USERS


class DemoLoginView(LoginView):
    """Django's own, which also knows the demo users where that is allowed."""

    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        context["demo_login"] = settings.DEMO_LOGIN
        context["demo_users"] = User.objects.filter(username__in=DEMO_USERS).order_by("pk")
        return context


@require_POST
def demo_login(request: HttpRequest) -> HttpResponse:
    if not settings.DEMO_LOGIN:
        raise Http404("Demo users are for development.")
    username = request.POST.get("username", "")
    if username not in DEMO_USERS:
        raise Http404("Not a demo user.")
    user = get_object_or_404(User, username=username)
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    target = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure()):
        return redirect(target)
    return redirect("workspace-list")
