"""Forms. Each is bound to a workspace or task, so that a choice from elsewhere is not valid."""

from typing import Any

from django import forms
from django.contrib.auth.models import User

from boards.models import Message, Node, Note, Run, Task, Workspace, display_name


class PersonField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return display_name(obj)


class NewTaskForm(forms.Form):
    title = forms.CharField(max_length=120)
    assignee = PersonField(User.objects.none(), required=False, empty_label="Nobody yet")

    def __init__(self, workspace: Workspace, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["assignee"].queryset = workspace.members.all()  # type: ignore[attr-defined]


class AssigneeForm(forms.Form):
    assignee = PersonField(User.objects.none(), required=False, empty_label="Nobody")

    def __init__(self, workspace: Workspace, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["assignee"].queryset = workspace.members.all()  # type: ignore[attr-defined]


class TitleForm(forms.Form):
    title = forms.CharField(max_length=120)


class StatusForm(forms.Form):
    status = forms.ChoiceField(choices=Task.Status.choices)


class MessageForm(forms.ModelForm):
    class Meta:
        model = Message
        fields = ["text"]
        widgets = {
            "text": forms.Textarea(
                attrs={"rows": 2, "placeholder": "Write a message; @name notifies somebody"}
            )
        }


class NoteForm(forms.ModelForm):
    class Meta:
        model = Note
        fields = ["text"]
        widgets = {
            "text": forms.Textarea(attrs={"rows": 3, "placeholder": "For this workspace only"})
        }


class NodesForm(forms.Form):
    nodes = forms.ModelMultipleChoiceField(
        Node.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, workspace: Workspace, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["nodes"].queryset = workspace.nodes.all()  # type: ignore[attr-defined]


class FinishRunForm(forms.Form):
    outcome = forms.ChoiceField(
        choices=[(Run.Status.COMPLETED, "completed"), (Run.Status.FAILED, "failed")]
    )


class DecisionForm(forms.Form):
    decision = forms.ChoiceField(choices=Run.Decision.choices)
