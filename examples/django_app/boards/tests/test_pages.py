"""The pages: what they show, what they carry for a live page, and to whom."""

import json
import re
from html import unescape
from typing import Any

from compat import frontend_config, override
from django.test import override_settings

from boards.models import Message
from boards.tests import MOCKED
from boards.tests.base import BoardsTestCase

REAL: dict[str, Any] = {
    "use_mocks": False,
    "app_id": "123",
    "key": "a-real-key",
    "secret": "a-real-secret",
    "cluster": "eu",
}

PAGES = ("/", "/inbox/", "/w/acme/", "/w/acme/here/", "/w/acme/notes/")


def embedded(page: bytes, element_id: str) -> Any:
    """What `json_script` put into the page."""
    found = re.search(rf'<script id="{element_id}"[^>]*>(.*?)</script>', page.decode())
    assert found is not None, f"the page has no {element_id}"
    return json.loads(found[1])


class Login(BoardsTestCase):
    def test_one_click(self) -> None:
        self.client.logout()
        self.assertRedirects(self.client.get("/"), "/login/?next=/")
        self.assertContains(self.client.get("/login/"), "Ben Okafor")
        self.client.post("/login/demo/", {"username": "ben", "next": "/w/acme/"})
        self.assertContains(self.client.get("/"), "Acme Shop")

    def test_the_way_back_stays_on_this_site(self) -> None:
        data = {"username": "ben", "next": "https://elsewhere.example/"}
        self.assertRedirects(self.client.post("/login/demo/", data), "/")

    def test_demo_users_only_and_only_while_developing(self) -> None:
        for username in ("root", ""):
            response = self.client.post("/login/demo/", {"username": username})
            self.assertEqual(response.status_code, 404)
        with override_settings(DEMO_LOGIN=False):
            response = self.client.post("/login/demo/", {"username": "ben"})
            self.assertEqual(response.status_code, 404)
            self.client.logout()
            self.assertNotContains(self.client.get("/login/"), "Ben Okafor")


class Pages(BoardsTestCase):
    def test_a_page_carries_what_a_live_page_needs(self) -> None:
        response = self.client.get(f"/tasks/{self.task.pk}/")
        config = embedded(response.content, "pusher-config")
        signs = config.pop("channelAuthorization"), config.pop("userAuthentication")
        self.assertEqual(config, frontend_config())
        self.assertEqual([one["endpoint"] for one in signs], ["/pusher/auth", "/pusher/user-auth"])
        for one in signs:  # without it the browser's requests would be forged ones
            self.assertEqual(one["headers"].keys(), {"X-CSRFToken"})
        self.assertEqual(
            embedded(response.content, "page-channels"),
            {
                "task": f"task-{self.task.pk}",
                "workspace": "workspace-acme",
                "presence": "presence-workspace-acme",
                "user": f"private-user-{self.ada.pk}",
                "notes": "private-encrypted-workspace-acme",
            },
        )

    def test_the_secret_is_on_no_page(self) -> None:
        key = MOCKED["encryption_master_key_base64"]
        for url in (*PAGES, f"/tasks/{self.task.pk}/", "/events/"):
            response = self.client.get(url)
            self.assertNotContains(response, "secret")
            self.assertNotContains(response, key)

    def test_what_is_said_is_shown_and_escaped(self) -> None:
        Message.objects.create(task=self.task, author=self.ben, text="<b>bold</b> & plain")
        response = self.client.get(f"/tasks/{self.task.pk}/")
        self.assertNotContains(response, "<b>bold</b>")
        self.assertIn("<b>bold</b> & plain", unescape(response.content.decode()))

    def test_other_peoples_workspaces_do_not_exist(self) -> None:
        self.client.force_login(self.cleo)
        self.assertNotContains(self.client.get("/"), "Acme Shop")
        task = f"/tasks/{self.task.pk}/"
        digest = f"/digests/{self.acme.digests.get().pk}/"
        for url in ("/w/acme/", "/w/acme/here/", "/w/acme/notes/", task, digest):
            self.assertContains(self.client.get(url), "Not found", status_code=404)
        note = self.acme.notes.all()[0]
        for url in (
            *("/w/acme/" + a for a in ("tasks/", "here/count/", "here/stand-in/", "digests/")),
            *("/w/acme/notes/add/", f"/notes/{note.pk}/remove/"),
            *(task + a for a in ("messages/", "runs/")),
        ):
            with self.subTest(url):
                self.assertEqual(self.act(url, {"text": "x", "title": "x"}).status_code, 404)
        self.assertEqual(self.pusher_mock.published(), [])

    def test_pages_do_not_publish(self) -> None:
        for url in (*PAGES, f"/tasks/{self.task.pk}/"):
            self.assertEqual(self.client.get(url).status_code, 200)
        self.assertEqual(self.pusher_mock.published(), [])

    def test_a_visitor_follows_a_task_to_its_end(self) -> None:
        page = f"/tasks/{self.task.pk}/"
        self.assertContains(self.act(f"{page}runs/", follow=True), "It completed")
        self.assertContains(self.act(f"{page}runs/", follow=True), "still going on")
        run = self.task.runs.get()
        response = self.act(f"/runs/{run.pk}/finish/", {"outcome": "completed"}, follow=True)
        self.assertContains(response, "Who should review the result?")
        response = self.act(f"/runs/{run.pk}/finish/", {"outcome": "failed"}, follow=True)
        self.assertContains(response, "already ended")
        response = self.act(f"/runs/{run.pk}/decision/", {"decision": "accepted"}, follow=True)
        self.assertContains(response, "was accepted")
        self.assertContains(self.client.get("/w/acme/"), "Add a regression test")


class EventsPage(BoardsTestCase):
    def test_newest_first(self) -> None:
        self.assertContains(self.client.get("/events/"), "Nothing yet")
        self.act("/w/acme/tasks/", {"title": "Round before the sum", "assignee": ""})
        task = self.acme.tasks.get(title="Round before the sum")
        self.act(f"/tasks/{task.pk}/messages/", {"text": "On it"})
        response = self.client.get("/events/")
        rows = [(row["channel"], row["event"]) for row in response.context["rows"]]
        self.assertEqual(
            rows,
            [
                (f"task-{task.pk}", "new-message"),
                ("workspace-acme", "workspace-task-title-update"),
            ],
        )
        self.assertContains(response, "Round before the sum")
        response = self.client.get("/events/?channel=workspace-acme")
        self.assertNotContains(response, "new-message")

    def test_with_mocks_off_there_is_no_such_page(self) -> None:
        with override(**REAL):
            response = self.client.get("/events/")
            self.assertContains(response, "Mocks are off", status_code=404)
            self.assertNotContains(self.client.get("/"), "/events/")
