"""The four scenarios of the synchronization plan, on the task page of the example."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Route

    from .conftest import Pusher, Site
    from .people import Person, Tab

    People = Callable[..., Person]

pytestmark = pytest.mark.enable_socket

API = "**/api/**"


class Held:
    """Requests that are on their way until they are let go."""

    def __init__(self) -> None:
        self.routes: list[Route] = []

    def __call__(self, route: Route) -> None:
        self.routes.append(route)

    def let_go(self) -> None:
        while self.routes:
            self.routes.pop(0).continue_()


def on_sending(tab: Tab, work: Callable[[Route], object]) -> None:
    """Do something to what the page sends, and nothing to what it asks for."""

    def choose(route: Route) -> None:
        if route.request.method == "POST":
            work(route)
        else:
            route.continue_()

    tab.page.route(API, choose)


def test_one_client_changes_something(live: Site, pusher: Pusher, person: People):
    """Scenario 1: shown before the server has answered, then confirmed."""
    somebody = person(live, "ada")
    ada = somebody.tab().open(somebody.new_task("One client"))
    held, fetched = Held(), []
    on_sending(ada, held)
    ada.page.on("request", lambda one: fetched.append(one) if "/api/messages/" in one.url else None)
    ada.say("Shown <b>at once</b>")
    message = ada.message("Shown <b>at once</b>")
    expect(message).to_contain_text("Sending …")
    expect(ada.page.get_by_label("Message")).to_have_value("")
    (route,) = held.routes
    assert route.request.headers["x-socket-id"]
    task = route.request.url.split("/")[-3]
    pusher.mock.assert_not_triggered(f"task-{task}")
    held.let_go()
    ada.sees_saved("Shown <b>at once</b>")
    expect(message).not_to_contain_text("Sending …")
    event = pusher.mock.wait_until_triggered(f"task-{task}", "new-message")
    expect(ada.page.locator(f"#message-{event.data['messageId']}")).to_be_visible()
    # It was left out of its own event: what comes after has come, and it has fetched nothing.
    somebody.post(f"/tasks/{task}/title/", title="Later than the message")
    expect(ada.page.locator("#title")).to_have_text("Later than the message")
    assert not fetched
    ada.page.unroute(API)
    ada.page.reload()
    ada.sees_saved("Shown <b>at once</b>")


def test_what_is_not_sent_is_not_lost(live: Site, pusher: Pusher, person: People):
    """Scenario 1, when the server is away: failed, still there after a reload, sent again."""
    ada = person(live, "ada")
    tab = ada.tab().open(ada.new_task("Away"))
    on_sending(tab, lambda route: route.abort())
    tab.say("First")
    tab.say("Second")
    for text in ("First", "Second"):
        expect(tab.message(text)).to_contain_text("Not sent: the server does not answer.")
    tab.page.unroute(API)
    ada.expect("Failed to load resource")
    tab.message("Second").get_by_role("button", name="Retry").click()
    expect(tab.message("Second")).not_to_contain_text("Not sent")
    tab.page.reload()
    expect(tab.message("First")).to_contain_text("Not sent: the page was left.")
    tab.message("First").get_by_role("button", name="Retry").click()
    tab.sees_saved("Second", "First")
    tab.page.reload()
    tab.sees_saved("Second", "First")


def test_an_answer_that_is_lost(live: Site, person: People):
    """Scenario 1, when the message was saved and the page did not hear so: it is sent once."""
    ada = person(live, "ada")
    tab = ada.tab()
    with tab.page.expect_response("**/messages/?after=*"):  # it catches up once, and does not later
        tab.open(ada.new_task("Lost"))

    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    on_sending(tab, lose)
    tab.say("Once")
    expect(tab.message("Once")).to_contain_text("Not sent")
    tab.page.unroute(API)
    ada.expect("Failed to load resource")
    tab.message("Once").get_by_role("button", name="Retry").click()
    tab.sees_saved("Once")
    tab.page.reload()
    tab.sees_saved("Once")


def test_a_refusal_says_why(live: Site, person: People):
    """Scenario 1, when the server says no: the reason is shown, and the message can be dropped."""
    ada = person(live, "ada")
    tab = ada.tab().open(ada.new_task("Refused"))
    on_sending(tab, lambda route: route.fulfill(status=400, json={"error": "Not today."}))
    tab.say("Please")
    expect(tab.message("Please")).to_contain_text("Not sent: Not today.")
    ada.expect("Failed to load resource")
    tab.message("Please").get_by_role("button", name="Discard").click()
    expect(tab.message("Please")).to_have_count(0)
    tab.page.reload()
    tab.sees_saved()


def test_two_clients(live: Site, pusher: Pusher, person: People):
    """Scenario 2: each sees who is here, and what the other says, which it fetches."""
    people = person(live, "ada"), person(live, "ben")
    ada, ben = (somebody.tab() for somebody in people)
    path = people[0].new_task("Two clients")
    for tab in (ada, ben):
        tab.open(path)
    for tab in (ada, ben):
        tab.sees_here("Ada Moreno", "Ben Okafor")
    with ben.page.expect_response("**/api/messages/*/") as fetched:
        ada.say("Can you see this?")
    ben.sees_saved("Can you see this?")
    assert fetched.value.json()["text"] == "Can you see this?"
    ben.say("I can.")
    for tab in (ada, ben):
        tab.sees_saved("Can you see this?", "I can.")
    expect(ada.message("Can you")).to_have_class("mine")
    expect(ada.message("I can")).not_to_have_class("mine")
    expect(ada.message("I can").locator("b")).to_have_text("Ben Okafor")
    # Pusher has told the application who came, and the application has told everybody.
    pusher.mock.wait_until_triggered("workspace-acme", "connection-count", {"count": 2})
    ben.page.close()
    ada.sees_here("Ada Moreno")


def test_two_tabs(live: Site, person: People):
    """Scenario 3: the second tab shows it although no server has told it anything."""
    ada = person(live, "ada")
    path = ada.new_task("Two tabs")
    first, second = ada.tab().open(path), ada.tab()
    # Its connection stands and nothing comes through; what it asks for is not answered.
    second.page.route_web_socket("**/app/**", lambda socket: None)
    held_here, held_there = Held(), Held()
    second.page.route(API, held_there)
    second.open(path, live=False)
    second.sees_state("Connecting …")
    on_sending(first, held_here)
    first.say("Told by a tab")
    expect(second.message("Told by a tab")).to_contain_text("Sending …")
    expect(second.message("Told by a tab")).to_have_class("mine sending")
    held_here.let_go()
    for tab in (first, second):
        tab.sees_saved("Told by a tab")
    first.page.unroute(API)

    on_sending(first, lambda route: route.abort())
    first.say("Not sent by the first")
    expect(second.message("Not sent by")).to_contain_text("Not sent: the server does not answer.")
    ada.expect("Failed to load resource")
    first.page.close()
    second.page.unroute(API)
    second.message("Not sent by").get_by_role("button", name="Retry").click()
    second.sees_saved("Told by a tab", "Not sent by the first")


def test_another_person_in_another_tab_is_told_nothing(live: Site, person: People):
    ada = person(live, "ada")
    path = ada.new_task("Whose tab")
    first = ada.tab().open(path)
    second = ada.tab()
    second.open("/", live=False)
    second.page.get_by_role("button", name="Log out").click()
    second.page.locator(".demo:has([value=ben]) button").click()
    second.open(path)
    on_sending(first, Held())
    first.say("Still ada's")
    expect(first.message("Still")).to_contain_text("Sending")
    second.sees_saved()


def test_the_server_is_away_for_a_while(live: Site, pusher: Pusher, person: People):
    """Scenario 4: the page says so, comes back, catches up, and hears what is new."""
    people = person(live, "ada"), person(live, "ben")
    ada, ben = (somebody.tab() for somebody in people)
    path = people[0].new_task("Away for a while")
    for tab in (ada, ben):
        tab.open(path)
    ada.say("Before")
    ben.sees_saved("Before")
    pusher.stop()
    for tab in (ada, ben):
        tab.sees_state("Reconnecting …")
    ben.page.context.set_offline(True)
    ben.sees_state("Offline")
    ada.say("Meanwhile")  # saved; nobody can be told
    expect(ada.message("Meanwhile")).not_to_contain_text("Sending")
    ben.sees_saved("Before")
    pusher.start()
    ada.page.context.set_offline(True)
    for tab in (ada, ben):
        tab.page.context.set_offline(False)  # pusher-js tries at once; by itself after 15 s
    for tab in (ada, ben):
        tab.sees_state("Live")
        tab.sees_saved("Before", "Meanwhile")
        tab.sees_here("Ada Moreno", "Ben Okafor")
    for somebody in people:
        somebody.expect("ERR_CONNECTION_REFUSED")
    ben.say("After")
    ada.sees_saved("Before", "Meanwhile", "After")


def test_every_connection_is_dropped(live: Site, pusher: Pusher, person: People):
    """Scenario 4, when the server says goodbye (4200): the page is back at once."""
    people = person(live, "ada"), person(live, "ben")
    ada, ben = (somebody.tab() for somebody in people)
    path = people[0].new_task("Goodbye")
    for tab in (ada, ben):
        tab.open(path)
    task = f"task-{path.rstrip('/').rpartition('/')[2]}"
    pusher.mock.wait_until_subscribed(task, 2)
    ada.page.evaluate(
        """() => {
            window.said = [];
            const badge = document.getElementById("connection");
            const look = () => window.said.push(badge.textContent);
            new MutationObserver(look).observe(badge, { childList: true });
        }"""
    )
    pusher.server.gateway.farewell()
    for somebody in people:  # what pusher-js had to send while its connection was being closed
        somebody.expect("WebSocket is already in CLOSING or CLOSED state")
    ada.page.wait_for_function("window.said.at(-1) === 'Live'")
    assert ada.page.evaluate("window.said") == ["Reconnecting …", "Live"]
    pusher.mock.wait_until_subscribed(task, 2)
    ada.say("Again")
    ben.sees_saved("Again")
