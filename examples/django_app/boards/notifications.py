"""What a notification says and where it leads. Nothing is saved or published here."""

import re
from typing import Final

from django.contrib.auth.models import User

from boards.models import Message, Notification, Task, display_name

MENTION: Final = re.compile(r"(?<!\w)@([\w.+-]*\w)")


def about_mention(message: Message, recipient: User) -> Notification:
    return Notification(
        recipient=recipient,
        kind=Notification.Kind.MENTION,
        text=f"{display_name(message.author)} mentioned you in “{message.task.title}”",
        link=f"{message.task.get_absolute_url()}#message-{message.pk}",
    )


def about_assignment(task: Task, recipient: User, by: User) -> Notification:
    return Notification(
        recipient=recipient,
        kind=Notification.Kind.ASSIGNMENT,
        text=f"{display_name(by)} assigned “{task.title}” to you",
        link=task.get_absolute_url(),
    )
