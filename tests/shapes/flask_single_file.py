"""A team chat in one file: messages, who is here, a private channel for each, a webhook.

    USE_MOCKS=true flask --app flask_single_file run --debug

Without mocks it needs `PUSHER_APP_ID`, `PUSHER_KEY`, `PUSHER_SECRET` and `PUSHER_CLUSTER`, and a
`FLASK_SECRET_KEY`.
"""

from flask import Flask, Response, abort, redirect, render_template_string, request, session
from werkzeug.wrappers import Response as AnyResponse

from compat.flask import Pusher

PEOPLE = {"ada": "Ada Lovelace", "ben": "Ben Okafor"}
ROOM = "presence-team"

pusher = Pusher()  # at module level: it is asked for its settings when it is used
messages: list[dict[str, str]] = []


def create_app(config: dict[str, object] | None = None) -> Flask:
    app = Flask(__name__)
    app.config.from_prefixed_env()  # FLASK_SECRET_KEY
    app.config.setdefault("SECRET_KEY", None)
    app.config.update(config or {})
    if app.config["SECRET_KEY"] is None:
        if not app.debug:
            raise RuntimeError("set FLASK_SECRET_KEY, or run with --debug")
        app.config["SECRET_KEY"] = "only for development"
    pusher.init_app(app)
    app.add_url_rule("/", view_func=page)
    app.add_url_rule("/login", view_func=login, methods=["POST"])
    app.add_url_rule("/messages", view_func=post, methods=["POST"])
    return app


def me() -> str:
    """The user who is logged in; everybody else is sent away."""
    name = session.get("name")
    if name not in PEOPLE:
        abort(403, "log in first")
    return str(name)


def page() -> str:
    return render_template_string(PAGE, people=PEOPLE, messages=messages, room=ROOM)


def login() -> AnyResponse:
    if request.form.get("name") not in PEOPLE:
        abort(400, "nobody of that name")
    session["name"] = request.form["name"]
    return redirect("/")


def post() -> AnyResponse | tuple[Response, int]:
    author, text = me(), request.form.get("text", "").strip()
    if not text:
        abort(400, "an empty message")
    messages.append({"author": author, "text": text})
    # By number: a message may be larger than Pusher's 10 kB. The sender's own page is left out.
    sender = request.form.get("socket_id") or None
    pusher.trigger(ROOM, "message", {"number": len(messages)}, sender)
    for name in PEOPLE:
        if f"@{name}" in text and name != author:
            pusher.trigger(f"private-{name}", "mentioned", {"by": author})
    return redirect("/")


@pusher.authorize
def may_listen(channel_name: str) -> bool | dict[str, object]:
    """Everybody who is logged in may enter the room, and listen on the own private channel."""
    name = me()
    if channel_name == ROOM:
        return {"user_id": name, "user_info": {"name": PEOPLE[name]}}
    return channel_name == f"private-{name}"


@pusher.webhook("member_removed")
def gone(event: dict[str, str]) -> None:
    if event["channel"] == ROOM:
        pusher.trigger(ROOM, "left", {"name": PEOPLE[event["user_id"]]})


PAGE = """<!doctype html>
<title>Team</title>
{% if pusher_is_mocked() %}<p>Mocks are on: what is new shows after a reload.</p>{% endif %}
<ol>{% for message in messages %}
<li><b>{{ message.author }}</b> {{ message.text }}</li>
{% endfor %}</ol>
{% if session.name %}
<form method="post" action="/messages">
<input type="hidden" name="socket_id"><input name="text" required><button>Send</button>
</form>
{% endif %}
{% for name, full in people.items() %}
<form method="post" action="/login">
<button name="name" value="{{ name }}">{{ full }}</button>
</form>
{% endfor %}
<script id="pusher-config" type="application/json">{{ pusher_config() | tojson }}</script>
{% if session.name and not pusher_is_mocked() %}
<script type="module">
  import Pusher from "/static/pusher.js"; // the ES module that your bundler makes of pusher-js
  const {key, ...options} = JSON.parse(document.getElementById("pusher-config").textContent);
  const pusher = new Pusher(key, options);
  pusher.connection.bind("connected", () => {
    document.querySelector("[name=socket_id]").value = pusher.connection.socket_id;
  });
  pusher.subscribe({{ room | tojson }}).bind("message", () => location.reload());
  pusher.subscribe("private-{{ session.name }}").bind("mentioned", ({by}) => alert(`${by}: @you`));
</script>
{% endif %}
"""

__all__ = ["PEOPLE", "ROOM", "create_app", "messages", "pusher"]
