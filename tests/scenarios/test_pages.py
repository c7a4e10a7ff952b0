"""The other pages of the example: live where a browser can connect, and useful where it cannot."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Pusher, Site
    from .people import Person

    People = Callable[..., Person]

pytestmark = pytest.mark.enable_socket

SCRIPT = "<img src=x onerror=\"document.title='broken into'\">"
PATHS = ("/", "/inbox/", "/w/acme/", "/w/acme/notes/", "/tasks/1/", "/digests/1/", "/events/")


def test_notes_arrive_decrypted(live: Site, pusher: Pusher, person: People):
    ada, ben = person(live, "ada"), person(live, "ben")
    page = ben.tab().open("/w/acme/notes/").page
    channel = "private-encrypted-workspace-acme"
    pusher.mock.wait_until_subscribed(channel)
    ada.post("/w/acme/notes/add/", text=SCRIPT)
    note = page.locator("li.note", has_text="onerror")
    expect(note.locator(".said")).to_have_text(SCRIPT)
    expect(note.locator("b")).to_have_text("Ada Moreno")
    event = pusher.mock.wait_until_triggered(channel, "note-added")
    assert event.data.keys() == {"nonce", "ciphertext"}
    # What the script has added can be used as what the server has rendered.
    note.get_by_role("button", name="Remove").click()
    expect(note).to_have_count(0)
    expect(page).to_have_title("Notes of Acme Shop · Boards")


def test_a_note_that_is_removed_elsewhere(live: Site, pusher: Pusher, person: People):
    ada, ben = person(live, "ada"), person(live, "ben")
    ada.post("/w/acme/notes/add/", text="Not for long")
    page = ben.tab().open("/w/acme/notes/").page
    pusher.mock.wait_until_subscribed("private-encrypted-workspace-acme")
    note = page.locator("li.note", has_text="Not for long")
    number = note.get_attribute("id")
    assert number is not None
    ada.post(f"/notes/{number.removeprefix('note-')}/remove/")
    expect(note).to_have_count(0)


def test_the_inbox_counts(live: Site, pusher: Pusher, person: People):
    ada, ben = person(live, "ada"), person(live, "ben")
    ben.post("/inbox/read/")
    elsewhere, inbox = ben.tab().open("/"), ben.tab().open("/inbox/")
    numbers = [tab.page.locator("#unread") for tab in (elsewhere, inbox)]
    for number in numbers:
        expect(number).to_be_hidden()
    pusher.mock.wait_until_subscribed("private-user-2", 2)
    path = ada.new_task(SCRIPT)
    ada.post(f"{path}messages/", text="Have a look, @ben")
    for number in numbers:
        expect(number).to_have_text("1")
    told = elsewhere.page.locator(".toast a")
    expect(told).to_have_text(f"Ada Moreno mentioned you in “{SCRIPT}”")
    expect(inbox.page.locator("li.note .text").first).to_have_text(
        f"Ada Moreno mentioned you in “{SCRIPT}”"
    )
    told.click()
    elsewhere.sees_state("Live")
    expect(elsewhere.page.locator("#title")).to_have_text(SCRIPT)
    inbox.page.get_by_role("button", name="Mark all as read").click()
    for number in [elsewhere.page.locator("#unread"), inbox.page.locator("#unread")]:
        expect(number).to_be_hidden()
    expect(elsewhere.page).to_have_title(f"{SCRIPT} · Boards")


def test_a_task_changes(live: Site, person: People):
    ada, ben = person(live, "ada"), person(live, "ben")
    path = ada.new_task("A first title")
    page = ben.tab().open(path).page  # an event that comes before its subscription is caught up on
    ada.post(f"{path}title/", title=SCRIPT)
    expect(page.locator("#title")).to_have_text(SCRIPT)
    expect(page.get_by_label("Title")).to_have_value(SCRIPT)
    expect(page).to_have_title(f"{SCRIPT} · Boards")
    ada.post(f"{path}status/", status="doing")
    expect(page.locator("h1 .badge")).to_have_text("In progress")
    expect(page.get_by_label("Status")).to_have_value("doing")
    ada.post(f"{path}runs/")
    # What the server has rendered anew can be used: its token is a good one.
    page.get_by_role("button", name="It completed").click()
    expect(page.locator("h2 .badge")).to_have_text("Completed")
    page.get_by_role("button", name="Ask in the chat").first.click()
    expect(page.locator(".chat > li[id^=message-]")).to_have_count(1)


def test_a_workspace_changes(live: Site, pusher: Pusher, person: People):
    ada, ben = person(live, "ada"), person(live, "ben")
    tab = ben.tab().open("/w/acme/")
    here = tab.page.locator("[data-here] li")
    expect(here).to_have_text(["BBen Okafor(you)"])
    ada.tab().open("/w/acme/notes/")
    expect(here).to_have_text(["AAda Moreno", "BBen Okafor(you)"])
    path = ada.new_task("Seen by others at once")
    row = tab.page.get_by_role("link", name="Seen by others at once")
    expect(row).to_be_visible()
    ada.post(f"{path}status/", status="done")
    expect(row.locator(".badge")).to_have_text("Done")
    node = tab.page.locator(".node", has_text="Orders")
    expect(node).not_to_have_class("node on")
    number = node.get_attribute("data-node")
    assert number is not None
    ada.post(f"{path}status/", status="todo")
    ada.post(f"{path}nodes/", nodes=number)
    expect(node).to_have_class("node on")
    written = tab.page.locator("[data-digest]")
    before = written.count()
    ada.post("/w/acme/digests/")
    expect(written).to_have_count(min(3, before + 1))
    expect(written.first).to_have_text("Ready")
    ada.post("/w/acme/here/count/")
    expect(tab.page.locator("[data-count]")).to_have_text("Last counted: 2 people.")


def test_progress_of_a_digest(live: Site, pusher: Pusher, person: People):
    page = person(live, "ada").tab().open("/digests/1/").page
    pusher.mock.wait_until_subscribed("workspace-acme")
    progress = {"digestId": "1", "done": 2, "total": 5}
    pusher.mock.server().trigger("workspace-acme", "digest-progress", progress)
    expect(page.locator("h1 .badge")).to_have_text("Being written: 2 of 5")


def test_events_of_the_server(live: Site, pusher: Pusher, person: People):
    ada = person(live, "ada")
    path = ada.new_task("Grüße")
    page = ada.tab().open("/events/").page
    rows = page.locator("tbody tr")
    # What webhooks brought about may have come in between.
    told = rows.filter(has_text="workspace-task-title-update").first
    expect(told).to_contain_text("Grüße")
    expect(page.locator("main")).to_contain_text(pusher.server.url)
    ada.post(f"{path}messages/", text="Hello")
    page.get_by_role("link", name="Refresh").click()
    rows.filter(has_text="new-message").get_by_role("link", name="task-").first.click()
    expect(rows).to_have_count(1)
    pusher.stop()
    page.goto("/events/")
    expect(page.locator("main")).to_contain_text("no server answers at")
    page.goto("/w/acme/")
    expect(page.locator("main")).to_contain_text("Pusher does not answer.")
    pusher.start()
    ada.expect("ERR_CONNECTION_REFUSED")


def test_every_page_without_a_word_in_the_console(live: Site, in_memory: Site, person: People):
    for site in (live, in_memory):
        ada = person(site, "ada")
        tab = ada.tab()
        for path in PATHS:
            tab.open(path, live=site is live)


def test_in_memory(in_memory: Site, person: People):
    """Nobody connects; the chat is quick all the same, in every tab of the same person."""
    ada, ben = person(in_memory, "ada"), person(in_memory, "ben")
    path = ada.new_task("In memory")
    first, second = (ada.tab().open(path, live=False) for _ in range(2))
    expect(first.page.locator(".mode")).to_contain_text("pages are not live")
    expect(first.page.locator("#connection")).to_have_count(0)
    assert not first.page.evaluate("'Pusher' in window")
    first.say("Only here")
    for tab in (first, second, ben.tab().open(path, live=False)):
        tab.sees_saved("Only here")
    page = ada.tab().open("/w/acme/", live=False).page
    page.get_by_role("button", name="Come").first.click()
    expect(page.locator("[data-here] li")).to_have_text(["A Ada Moreno (you)"])
    page.goto("/events/")
    expect(page.locator("tbody tr").first).to_contain_text("new-message")


def test_asking_now_and_then(in_memory: Site, person: People):
    """A page that is not live asks every ten seconds; here, its clock is moved."""
    ada, ben = person(in_memory, "ada"), person(in_memory, "ben")
    path = ada.new_task("Now and then")
    tab = ben.tab()
    tab.page.clock.install()
    tab.open(path, live=False)
    ada.post(f"{path}messages/", text="Nobody was told")
    tab.sees_saved()
    tab.page.clock.run_for(10_000)
    tab.page.clock.resume()
    tab.sees_saved("Nobody was told")


def test_without_a_script(live: Site, person: People):
    ada = person(live, "ada", script=False)
    tab = ada.tab().open(ada.new_task("By forms"), live=False)
    tab.page.get_by_label("Message").fill("Sent by a form")
    tab.page.get_by_role("button", name="Send").click()
    tab.sees_saved("Sent by a form")
