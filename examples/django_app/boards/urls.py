"""Pages, actions, and the REST side of the message pattern."""

from django.contrib.auth.views import LogoutView
from django.urls import path

from boards.views import actions, api, development, login, pages

urlpatterns = [
    path("", pages.workspace_list, name="workspace-list"),
    path("login/", login.DemoLoginView.as_view(), name="login"),
    path("login/demo/", login.demo_login, name="demo-login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("w/<slug:slug>/", pages.workspace, name="workspace"),
    path("w/<slug:slug>/tasks/", actions.create_task, name="create-task"),
    path("w/<slug:slug>/here/", pages.here, name="here"),
    path("w/<slug:slug>/here/count/", actions.tell_count, name="tell-count"),
    path("w/<slug:slug>/here/stand-in/", development.stand_in, name="stand-in"),
    path("w/<slug:slug>/notes/", pages.notes, name="notes"),
    path("w/<slug:slug>/notes/add/", actions.add_note, name="add-note"),
    path("notes/<int:pk>/remove/", actions.remove_note, name="remove-note"),
    path("w/<slug:slug>/digests/", actions.request_digest, name="request-digest"),
    path("digests/<int:pk>/", pages.digest, name="digest"),
    path("inbox/", pages.inbox, name="inbox"),
    path("inbox/read/", actions.read_all, name="read-all"),
    path("inbox/<int:pk>/read/", actions.read_notification, name="read-notification"),
    path("tasks/<int:pk>/", pages.task, name="task"),
    path("tasks/<int:pk>/messages/", actions.post_message, name="post-message"),
    path("tasks/<int:pk>/title/", actions.rename_task, name="rename-task"),
    path("tasks/<int:pk>/status/", actions.set_status, name="set-status"),
    path("tasks/<int:pk>/assignee/", actions.assign, name="assign"),
    path("tasks/<int:pk>/nodes/", actions.set_nodes, name="set-nodes"),
    path("tasks/<int:pk>/runs/", actions.start_run, name="start-run"),
    path("runs/<int:pk>/finish/", actions.finish_run, name="finish-run"),
    path("runs/<int:pk>/decision/", actions.decide_run, name="decide-run"),
    path("recommendations/<int:pk>/dismiss/", actions.dismiss, name="dismiss-recommendation"),
    path("events/", development.events, name="events"),
    path("api/messages/<int:pk>/", api.message, name="api-message"),
    path("api/notifications/<int:pk>/", api.notification, name="api-notification"),
    path("api/tasks/<int:pk>/messages/", api.messages, name="api-messages"),
]
