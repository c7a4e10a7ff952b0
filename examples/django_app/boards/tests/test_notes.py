"""Encrypted notes: what Pusher sees, what a member reads, and what a missing key means."""

import base64
import json
from typing import Any

from compat import override, pusher_server
from django.test import Client
from nacl.secret import SecretBox
from pusher_mock.testing import decrypt

from boards.access import NOTES_ARE_OFF
from boards.models import NOTE_LENGTH, Note
from boards.realtime import NOTE_ADDED, NOTE_REMOVED, get_notes_channel_name
from boards.tests import MASTER_KEY
from boards.tests.base import AUTH_URL, BoardsTestCase

TEXT = "The code of the safe is 0451"


class EncryptedNotes(BoardsTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.channel_name = get_notes_channel_name("acme")

    def add(self, text: str = TEXT) -> Note:
        self.act("/w/acme/notes/add/", {"text": text})
        return self.acme.notes.all()[0]

    def authorize(self, username: str) -> Any:
        browser = Client()
        browser.force_login(getattr(self, username))
        return browser.post(AUTH_URL, {"socket_id": "1.2", "channel_name": self.channel_name})

    def test_pusher_sees_ciphertext_only(self) -> None:
        self.listener_for(self.ben).listen(self.channel_name, NOTE_ADDED)
        self.add()
        event = self.pusher_mock.assert_triggered(self.channel_name, NOTE_ADDED, times=1)
        self.assertEqual(event.data.keys(), {"nonce", "ciphertext"})
        history = self.pusher_mock.state.get_channel_messages(self.channel_name)
        everything = f"{self.pusher_mock.journal.dumps()} {history}"
        self.assertIn(event.data["ciphertext"], everything)
        for clear in (TEXT, "0451", "Ada Moreno"):
            self.assertNotIn(clear, everything)
            self.assertNotIn(base64.b64encode(clear.encode()).decode(), everything)

    def test_a_member_decrypts_what_arrives(self) -> None:
        listener = self.listener_for(self.ben)
        listener.listen(self.channel_name, NOTE_ADDED, NOTE_REMOVED)
        note = self.add()
        self.act(f"/notes/{note.pk}/remove/")
        self.assertFalse(Note.objects.filter(pk=note.pk).exists())
        self.assertEqual(
            [
                (event, json.loads(decrypt(self.channel_name, json.dumps(data), MASTER_KEY)))
                for _, event, data in listener.heard
            ],
            [
                (
                    NOTE_ADDED,
                    {
                        "noteId": str(note.pk),
                        "author": "Ada Moreno",
                        "authorId": str(self.ada.pk),
                        "text": TEXT,
                    },
                ),
                (NOTE_REMOVED, {"noteId": str(note.pk)}),
            ],
        )

    def test_the_view_hands_out_what_decrypts(self) -> None:
        """A browser has no master key: the channel's own secret must do."""
        response = self.authorize("ben")
        self.assertEqual(response.json().keys(), {"auth", "shared_secret"})
        self.add()
        sent = self.pusher_mock.assert_triggered(self.channel_name, NOTE_ADDED).data
        box = SecretBox(base64.b64decode(response.json()["shared_secret"]))
        ciphertext, nonce = (base64.b64decode(sent[part]) for part in ("ciphertext", "nonce"))
        clear = box.decrypt(ciphertext, nonce)
        self.assertEqual(json.loads(clear)["text"], TEXT)

    def test_who_is_no_member_gets_neither_secret_nor_notes(self) -> None:
        response = self.authorize("cleo")
        self.assertEqual(response.status_code, 403)
        self.assertEqual(response.json().keys(), {"error"})
        stranger = self.listener_for(self.cleo)
        with self.assertRaises(AssertionError):  # what pysher makes of the 403
            stranger.listen(self.channel_name, NOTE_ADDED)
        self.add()
        self.assertEqual(stranger.heard, [])

    def test_the_longest_note_fits_whatever_it_is_made_of(self) -> None:
        for character in ("a", "\N{GRINNING FACE}", "\x01", '"'):
            with self.subTest(character):
                note = self.add(character * NOTE_LENGTH)
                self.assertEqual(note.text, character * NOTE_LENGTH)
                event = self.pusher_mock.published(self.channel_name)[-1]
                data = json.loads(decrypt(self.channel_name, event.raw, MASTER_KEY))
                self.assertEqual(data["noteId"], str(note.pk))

    def test_a_longer_one_is_refused(self) -> None:
        response = self.act("/w/acme/notes/add/", {"text": "a" * (NOTE_LENGTH + 1)}, follow=True)
        self.assertContains(response, f"at most {NOTE_LENGTH} characters")
        self.pusher_mock.assert_not_triggered()

    def test_an_encrypted_channel_is_triggered_alone(self) -> None:
        """The SDK's rule; client events are pusher-js's (pysher would send them in clear text)."""
        with self.assertRaisesMessage(ValueError, "multiple channels when using encrypted"):
            pusher_server.trigger([self.channel_name, "workspace-acme"], NOTE_ADDED, {})
        self.pusher_mock.assert_not_triggered()
        self.add()
        self.assertEqual(
            [event.channel for event in self.pusher_mock.published()], [self.channel_name]
        )

    def test_the_page(self) -> None:
        self.add("<b>bold</b>")
        response = self.client.get("/w/acme/notes/")
        self.assertContains(response, "&lt;b&gt;bold&lt;/b&gt;")
        self.assertContains(response, self.channel_name)
        events = self.client.get("/events/")
        self.assertContains(events, "all that Pusher sees")
        self.assertNotContains(events, "bold")


class WithoutAKey(BoardsTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.enterContext(override(encryption_master_key_base64=None))

    def test_the_page_says_so(self) -> None:
        response = self.client.get("/w/acme/notes/")
        self.assertContains(response, "Notes are off")
        self.assertContains(response, "PUSHER_ENCRYPTION_MASTER_KEY_BASE64")
        self.assertNotContains(response, "Add the note")
        self.assertNotContains(self.client.get("/w/acme/"), get_notes_channel_name("acme"))

    def test_nothing_is_added_or_removed(self) -> None:
        before = list(self.acme.notes.all())
        for url in ("/w/acme/notes/add/", f"/notes/{before[0].pk}/remove/"):
            response = self.act(url, {"text": TEXT}, follow=True)
            self.assertContains(response, NOTES_ARE_OFF)
        self.assertEqual(list(self.acme.notes.all()), before)
        self.pusher_mock.assert_not_triggered()

    def test_the_authorization_view_says_so(self) -> None:
        data = {"socket_id": "1.2", "channel_name": get_notes_channel_name("acme")}
        response = self.client.post(AUTH_URL, data)
        self.assertEqual(response.status_code, 403)
        self.assertEqual(response.json(), {"error": NOTES_ARE_OFF})
