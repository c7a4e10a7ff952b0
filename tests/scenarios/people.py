"""People who use the example, each in a browser profile of their own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Locator, Page

__all__ = ["PATIENCE_MS", "Person", "Tab"]

PATIENCE_MS = 10_000


class Tab:
    """One of a person's tabs.

    Attributes:
        page: Playwright's.
    """

    def __init__(self, page: Page, problems: list[str]) -> None:
        self.page = page
        page.on("pageerror", lambda error: problems.append(f"{page.url}: {error}"))

        def listen(said: ConsoleMessage) -> None:
            if said.type == "error":
                problems.append(f"{page.url}: {said.text}")

        page.on("console", listen)

    def open(self, path: str, *, live: bool = True) -> Tab:
        """Go to a page, and wait until it is connected."""
        self.page.goto(path)
        if live:
            self.sees_state("Live")
        return self

    def sees_state(self, words: str) -> None:
        """Wait for what the badge of the connection says."""
        expect(self.page.locator("#connection")).to_have_text(words)

    def say(self, text: str) -> None:
        """Write a message and send it."""
        box = self.page.get_by_label("Message")
        box.fill(text)
        box.press("Enter")

    def message(self, text: str) -> Locator:
        """A message in the chat, saved or not."""
        item = self.page.locator(".chat > li")
        return item.filter(has=self.page.locator(".said", has_text=re.compile(re.escape(text))))

    def sees_saved(self, *texts: str) -> None:
        """Wait until the chat is these messages, in this order, all of them saved."""
        expect(self.page.locator(".chat > li .said")).to_have_text(texts)
        expect(self.page.locator(".chat > li[id^=message-]")).to_have_count(len(texts))

    def sees_here(self, *names: str) -> None:
        """Wait until the faces beside the title are those of these people."""
        expect(self.page.locator(".faces .name")).to_have_text(names)


class Person:
    """Somebody who has logged in with one click.

    Args:
        browser: the browser.
        site: the address of the example.
        name: of a demo user.
        script: whether their browser runs JavaScript.
        **options: further parameters of Playwright's ``new_context``.

    Attributes:
        name: as given.
        context: the profile.
        problems: errors in the consoles of their tabs.
    """

    def __init__(
        self, browser: Browser, site: str, name: str, *, script: bool = True, **options: Any
    ) -> None:
        self.name = name
        self.problems: list[str] = []
        self._expected: list[str] = []
        self.context = browser.new_context(base_url=site, java_script_enabled=script, **options)
        self.context.set_default_timeout(PATIENCE_MS)
        # Nothing but the example and its Pusher, which are both on this machine.
        self.context.route(
            lambda url: not url.startswith("http://127.0.0.1:"), lambda route: route.abort()
        )
        self.context.request.get("/login/")  # brings the token
        self.post("/login/demo/", username=name)

    def tab(self) -> Tab:
        """Open a tab."""
        return Tab(self.context.new_page(), self.problems)

    def post(self, path: str, **fields: str) -> str:
        """Send a form without a page; returns the path that it led to."""
        token = next(c["value"] for c in self.context.cookies() if c["name"] == "csrftoken")
        answer = self.context.request.post(path, form={"csrfmiddlewaretoken": token, **fields})
        assert answer.ok, f"{path}: {answer.status}"
        return urlsplit(answer.url).path

    def new_task(self, title: str) -> str:
        """Create a task in Acme; returns the path of its page."""
        return self.post("/w/acme/tasks/", title=title, assignee="")

    def expect(self, part: str) -> None:
        """What the console says of this, sooner or later, is what the test is about."""
        self._expected.append(part)

    @property
    def unexpected(self) -> list[str]:
        """What the consoles said of anything else."""
        return [one for one in self.problems if not any(part in one for part in self._expected)]

    def close(self) -> None:
        """Close all of it."""
        self.context.close()
