"""Views that publish, in each way a view can."""

from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from articles import realtime
from articles.models import Article
from compat import get_async_pusher_server, pusher_server


def create(request: HttpRequest) -> HttpResponse:
    """Publish from `save()`, and again once the row is committed."""
    with transaction.atomic():
        article = Article.objects.create(title=request.POST["title"])
        transaction.on_commit(lambda: realtime.announce(article.title))
    return JsonResponse({"id": article.pk}, status=201)


async def create_async(request: HttpRequest) -> HttpResponse:
    """Publish from a coroutine, with the same blocking call as everywhere."""
    article = await Article.objects.acreate(title=request.POST["title"])
    pusher_server.trigger("articles", "announced", {"title": article.title})
    return JsonResponse({"id": article.pk}, status=201)


async def create_awaited(request: HttpRequest) -> HttpResponse:
    """Publish from a coroutine, awaited."""
    title = request.POST["title"]
    await get_async_pusher_server().trigger("articles", "announced", {"title": title})
    return JsonResponse({}, status=201)


def page(request: HttpRequest) -> HttpResponse:
    return render(request, "page.html")
