"""Pages, actions, the REST side of the message pattern, and the addresses Pusher's clients call."""

from django.contrib.auth.views import LogoutView
from django.urls import path

from boards.views import actions, api, development, login, pages, pusher

urlpatterns = [
    path("", pages.workspace_list, name="workspace-list"),
    path("login/", login.DemoLoginView.as_view(), name="login"),
    path("login/demo/", login.demo_login, name="demo-login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("w/<slug:slug>/", pages.workspace, name="workspace"),
    path("w/<slug:slug>/tasks/", actions.create_task, name="create-task"),
    path("w/<slug:slug>/here/", actions.who_is_here, name="who-is-here"),
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
    path("api/tasks/<int:pk>/messages/", api.post_message, name="api-post-message"),
    path("pusher/auth", pusher.channel_auth, name="pusher-auth"),
    path("pusher/user-auth", pusher.user_auth, name="pusher-user-auth"),
    path("pusher/webhook", pusher.webhook, name="pusher-webhook"),
]
