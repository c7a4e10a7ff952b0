"""Workspaces, their tasks, and what is said and done on a task.

No model publishes in `save()`: loading a fixture would then publish too. `services.py` does.
"""

from typing import Final

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.db import models
from django.urls import reverse

#: Characters of a note. The text travels in its event, encrypted, and must fit into Pusher's 10 kB
#: whatever it is: a character takes up to 6 bytes of JSON, and base64 makes 4 bytes of 3.
NOTE_LENGTH: Final = 1000


def display_name(user: User) -> str:
    return user.get_full_name() or user.username


class WorkspaceQuerySet(models.QuerySet["Workspace"]):
    def visible_to(self, user: User | AnonymousUser) -> "WorkspaceQuerySet":
        """Workspaces the user is a member of; none for a visitor who is not logged in."""
        return self.filter(members=user.pk) if user.is_authenticated else self.none()


class Workspace(models.Model):
    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=80)
    members = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="workspaces")

    objects = WorkspaceQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("workspace", args=[self.slug])


class Node(models.Model):
    """A part of the system on the workspace's map; tasks highlight the parts they touch."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="nodes")
    name = models.CharField(max_length=40)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["workspace", "name"], name="unique_node")]

    def __str__(self) -> str:
        return self.name


class Task(models.Model):
    class Status(models.TextChoices):
        TODO = "todo", "To do"
        DOING = "doing", "In progress"
        DONE = "done", "Done"

    class WorkflowStatus(models.TextChoices):
        PENDING = "pending", "No run yet"
        IN_PROGRESS = "in_progress", "Running"
        COMPLETED = "completed", "Completed"
        FAILED = "failed", "Failed"

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="tasks")
    title = models.CharField(max_length=120)
    status = models.CharField(max_length=12, choices=Status, default=Status.TODO)
    workflow_status = models.CharField(
        max_length=12, choices=WorkflowStatus, default=WorkflowStatus.PENDING
    )
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="assigned_tasks",
    )
    nodes = models.ManyToManyField(Node, blank=True, related_name="tasks")
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("task", args=[self.pk])


class Message(models.Model):
    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="messages")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    text = models.TextField()
    created = models.DateTimeField(auto_now_add=True)
    #: What a live page called the message before it was saved: sent again, it is the same message.
    client_id = models.UUIDField(null=True, editable=False)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["task", "author", "client_id"], name="unique_client_id")
        ]

    def __str__(self) -> str:
        return f"{self.author}: {self.text[:40]}"


class Run(models.Model):
    """One run of the workflow on a task: it ends, then somebody decides about its result."""

    class Status(models.TextChoices):
        IN_PROGRESS = "in_progress", "Running"
        COMPLETED = "completed", "Completed"
        FAILED = "failed", "Failed"

    class Decision(models.TextChoices):
        ACCEPTED = "accepted", "Accepted"
        REJECTED = "rejected", "Rejected"

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="runs")
    status = models.CharField(max_length=12, choices=Status, default=Status.IN_PROGRESS)
    decision = models.CharField(max_length=12, choices=Decision, blank=True, default="")
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"Run {self.pk} ({self.status})"


class FollowUpQuestion(models.Model):
    """What a completed run would like to know next."""

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="questions")
    text = models.CharField(max_length=200)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.text


class Recommendation(models.Model):
    """A test worth writing, one for each task whose result was accepted."""

    workspace = models.ForeignKey(
        Workspace, on_delete=models.CASCADE, related_name="recommendations"
    )
    task = models.OneToOneField(Task, on_delete=models.CASCADE, related_name="recommendation")
    text = models.CharField(max_length=200)
    dismissed = models.BooleanField(default=False)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.text


class Note(models.Model):
    """Something for the members of a workspace only; live pages get it end-to-end encrypted."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="notes")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    text = models.TextField(max_length=NOTE_LENGTH)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.author}: {self.text[:40]}"


class NotificationQuerySet(models.QuerySet["Notification"]):
    def unread(self) -> "NotificationQuerySet":
        return self.filter(read=False)


class Notification(models.Model):
    """What one person is told; see `notifications.py` for the words."""

    class Kind(models.TextChoices):
        MENTION = "mention", "Mention"
        ASSIGNMENT = "assignment", "Assignment"

    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notifications"
    )
    kind = models.CharField(max_length=12, choices=Kind)
    text = models.CharField(max_length=500)
    link = models.CharField(max_length=200)
    read = models.BooleanField(default=False)
    created = models.DateTimeField(auto_now_add=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        # Every page counts somebody's unread ones.
        indexes = [models.Index(fields=["recipient", "read"], name="inbox")]

    def __str__(self) -> str:
        return self.text


class Digest(models.Model):
    """Where the tasks of a workspace stand, written by a worker."""

    class Status(models.TextChoices):
        QUEUED = "queued", "Waiting for a worker"
        WRITING = "writing", "Being written"
        READY = "ready", "Ready"
        FAILED = "failed", "Failed"

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="digests")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    status = models.CharField(max_length=8, choices=Status, default=Status.QUEUED)
    text = models.TextField(blank=True, default="")
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"Digest {self.pk} ({self.status})"

    def get_absolute_url(self) -> str:
        return reverse("digest", args=[self.pk])
