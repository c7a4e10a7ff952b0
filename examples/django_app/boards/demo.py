"""The demo data: three people, two workspaces. Cleo is not in Acme, Ben is not in Orbit."""

from typing import Final, NamedTuple

from django.contrib.auth.models import User
from django.db import transaction

from boards import digests, notifications
from boards.models import Digest, Message, Node, Note, Task, Workspace

DEMO_USERS: Final = {
    "ada": ("Ada", "Moreno"),
    "ben": ("Ben", "Okafor"),
    "cleo": ("Cleo", "Lindqvist"),
}

_WORKSPACES: Final = {
    "acme": ("Acme Shop", ("ada", "ben"), ("Web", "Cart", "Payments", "Orders", "Search", "Mail")),
    "orbit": ("Orbit Labs", ("ada", "cleo"), ("Ingest", "Model", "Dashboard")),
}

_NOTES: Final = {
    "acme": (
        ("ada", "The contract with the payment provider ends in March. Please keep it to us."),
        ("ben", "Login of the test shop: demo / demo. Nothing real is in there."),
    ),
    "orbit": (("cleo", "The launch moves by a week. We tell customers on Monday."),),
}


class _Draft(NamedTuple):
    workspace: str
    title: str
    status: Task.Status
    assignee: str | None
    nodes: tuple[str, ...]
    messages: tuple[tuple[str, str], ...] = ()


_TASKS: Final = (
    _Draft(
        "acme",
        "Let customers pay with a saved card",
        Task.Status.DOING,
        "ben",
        ("Cart", "Payments"),
        (
            ("ada", "The token is stored now, @ben. What is left is the confirmation page."),
            ("ben", "On it. Do we ask for the code again when the amount is small?"),
            ("ada", "No. I wrote the limit down in the task for Payments."),
        ),
    ),
    _Draft("acme", "Search forgets the chosen filter", Task.Status.TODO, None, ("Search",)),
    _Draft(
        "acme",
        "Send the receipt as plain text too",
        Task.Status.DONE,
        "ada",
        ("Mail",),
        (("ben", "Looks right in every client I have."),),
    ),
    _Draft(
        "orbit",
        "Show yesterday next to today",
        Task.Status.DOING,
        "cleo",
        ("Dashboard",),
        (("cleo", "Two lines or two charts, @ada?"), ("ada", "Two lines, one of them faint.")),
    ),
    _Draft("orbit", "Retry a batch that came in half", Task.Status.TODO, None, ("Ingest",)),
)


@transaction.atomic
def seed() -> None:
    """Create what is missing. Never changes what is there, and publishes nothing."""
    people = {}
    for username, (first, last) in DEMO_USERS.items():
        person, created = User.objects.get_or_create(
            username=username, defaults={"first_name": first, "last_name": last}
        )
        if created:
            person.set_unusable_password()
            person.save()
        people[username] = person

    for slug, (name, members, nodes) in _WORKSPACES.items():
        workspace, created = Workspace.objects.get_or_create(slug=slug, defaults={"name": name})
        if not created:
            continue
        workspace.members.set(people[member] for member in members)
        Node.objects.bulk_create(Node(workspace=workspace, name=node) for node in nodes)
        # The page shows the newest first: created in reverse, it reads like the list above.
        for draft in reversed(_TASKS):
            if draft.workspace == slug:
                _create_task(workspace, draft, people)
        for author, text in _NOTES[slug]:
            Note.objects.create(workspace=workspace, author=people[author], text=text)
        Digest.objects.create(
            workspace=workspace,
            requested_by=people["ada"],
            status=Digest.Status.READY,
            text="\n".join(map(digests.line_about, digests.tasks_of(workspace))),
        )


def _create_task(workspace: Workspace, draft: _Draft, people: dict[str, User]) -> None:
    task = Task.objects.create(
        workspace=workspace,
        title=draft.title,
        status=draft.status,
        assignee=people[draft.assignee] if draft.assignee else None,
    )
    task.nodes.set(workspace.nodes.filter(name__in=draft.nodes))
    if task.assignee is not None and task.assignee != people["ada"]:
        notifications.about_assignment(task, task.assignee, by=people["ada"]).save()
    for author, text in draft.messages:
        message = Message.objects.create(task=task, author=people[author], text=text)
        for username in notifications.MENTION.findall(text):
            notifications.about_mention(message, people[username]).save()
