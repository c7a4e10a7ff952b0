"""Courses."""

from .pusher import pusher_client


def enrol(course: str, student: str) -> None:
    pusher_client.trigger(f"course-{course}", "enrolled", {"student": student})
