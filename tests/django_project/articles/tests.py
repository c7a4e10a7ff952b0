"""The same promises under Django's own test runner."""

from django.conf import settings
from django.core.management import call_command
from django.test import LiveServerTestCase, TestCase, TransactionTestCase, override_settings

from articles.models import Article
from compat import get_async_pusher_server, pusher_server
from pusher_mock import MockPusherServer, PusherMockMixin


class Saving(PusherMockMixin, TestCase):
    article: Article

    @classmethod
    def setUpTestData(cls) -> None:
        cls.article = Article.objects.create(title="for all tests")

    def test_a_test_sees_its_own_events_only(self) -> None:
        self.pusher_mock.assert_not_triggered()
        self.article.save()
        self.pusher_mock.assert_triggered("articles", "saved", {"title": "for all tests"}, times=1)

    def test_another_test_does_not(self) -> None:
        self.pusher_mock.assert_not_triggered()

    def test_a_view(self) -> None:
        with self.captureOnCommitCallbacks(execute=True):
            self.client.post("/articles", {"title": "one"})
        self.pusher_mock.assert_triggered("articles", "announced", {"title": "one"}, times=1)

    def test_a_forgotten_commit_is_explained(self) -> None:
        self.client.post("/articles", {"title": "one"})
        with self.assertRaisesRegex(AssertionError, "captureOnCommitCallbacks"):
            self.pusher_mock.assert_triggered("articles", "announced")

    def test_the_command(self) -> None:
        call_command("pusher_mock", "trigger", "a", "b", verbosity=0)
        self.pusher_mock.assert_triggered("a", "b", times=1)


class Awaiting(PusherMockMixin, TestCase):
    async def test_a_view_that_awaits(self) -> None:
        app = {"key": settings.PUSHER_KEY, "secret": settings.PUSHER_SECRET}
        async with self.pusher_mock.async_client(**app) as client:
            channel = await client.subscribe("articles")
            answer = await self.async_client.post("/articles/awaited", {"title": "one"})
            self.assertEqual(answer.status_code, 201)
            self.assertEqual((await channel.next()).data, {"title": "one"})

    async def test_on_another_loop(self) -> None:
        await get_async_pusher_server().trigger("articles", "announced", {})
        self.pusher_mock.assert_triggered("articles", "announced", times=1)


class WithFixtures(PusherMockMixin, TestCase):
    fixtures = ("two_rows",)

    def test_loading_them_was_before_this_test(self) -> None:
        self.assertEqual(Article.objects.count(), 1)
        self.pusher_mock.assert_not_triggered()


class Committing(PusherMockMixin, TransactionTestCase):
    def test_on_commit_runs(self) -> None:
        self.client.post("/articles", {"title": "one"})
        self.pusher_mock.assert_triggered("articles", "announced", {"title": "one"})


class Served(PusherMockMixin, LiveServerTestCase):
    def test_the_servers_threads_reach_the_tests_mock(self) -> None:
        from urllib.request import urlopen

        with urlopen(f"{self.live_server_url}/articles/open", b"title=one") as answer:
            self.assertEqual(answer.status, 201)
        self.pusher_mock.assert_triggered("articles", "announced", {"title": "one"})


@override_settings(USE_MOCKS=True)
class Switched(PusherMockMixin, TestCase):
    def test_a_class_decorated_with_override_settings(self) -> None:
        self.assertIsInstance(pusher_server, MockPusherServer)
        with override_settings(USE_MOCKS=False):
            self.assertNotIsInstance(pusher_server, MockPusherServer)
