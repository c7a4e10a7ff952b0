"""Extensions, built before there is an application."""

from __future__ import annotations

import pusher

pusher_client = pusher.Pusher("4713", "flask-key", "flask-secret", cluster="eu")
