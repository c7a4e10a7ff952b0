"""Templates, pages and scripts."""

from __future__ import annotations

from typing import Any

import pytest

from pusher_mock.doctor import scripts

from .reports import all_of, only, setting

BOTH = "the key 'abc', the cluster 'eu'"


@pytest.mark.parametrize(
    ("path", "code", "told"),
    [
        ("a.html", "<script>new Pusher('abc', {cluster: 'eu'})</script>", BOTH),
        ("a.js", 'var p = new Pusher("abc", {"cluster": "eu"});', BOTH),
        ("a.ts", "const p: Pusher = new Pusher(`abc`, {\n  cluster: `eu`,\n})", BOTH),
        ("a.vue", "new Pusher('abc')", "the key 'abc'"),
        ("a.jsx", "const KEY = 'abc'\nnew Pusher(KEY)", "the key 'abc'"),
        ("a.jsx", "new Pusher(KEY)", "key KEY"),
        (
            "a.html",
            "new Pusher('{{ PUSHER_KEY }}', {cluster: '{{ C }}'})",
            "key '{{ PUSHER_KEY }}', cluster '{{ C }}'",
        ),
        (
            "a.tsx",
            "new Pusher(process.env.NEXT_PUBLIC_PUSHER_KEY!, {wsHost: '127.0.0.1'})",
            "key process.env.NEXT_PUBLIC_PUSHER_KEY!, wsHost '127.0.0.1'",
        ),
        ("a.js", "new Echo({broadcaster: 'pusher', key: 'abc', cluster: 'eu'})", BOTH),
        ("a.js", "new Echo({broadcaster: 'pusher'})", "no key"),
        ("a.js", "new Pusher()", "arguments are not seen"),
        ("a.js", "new Pusher('abc', {", "arguments are not seen"),
        ("a.js", "new Pusher('it\\'s', f(a, [1, 2]))", "key 'it\\'s'"),
        (
            "tags.py",
            "T = \"new Pusher('{key}', {{cluster: '{c}'}})\"",
            "key '{key}', cluster '{c}'",
        ),
    ],
)
def test_where_it_starts(read: Any, path: str, code: str, told: str):
    found = only(read({path: code}), "page")
    assert told in found.text
    assert found.door == "playwright"
    assert ("frontend_config()" in found.advice) == ("the key '" in found.text)


@pytest.mark.parametrize(
    "code",
    [
        "// new Pusher('abc')",
        "  * new Pusher('abc')",
        "/* new Pusher('abc') */",
        "/*\nnew Pusher('abc')\n*/",
        "<!-- new Pusher('abc') -->",
        "<!--\nnew Pusher('abc')\n-->",
        "{# new Pusher('abc') #}",
        "{% comment %}\nnew Pusher('abc')\n{% endcomment %}",
        "// https://js.pusher.com/8.4.0/pusher.min.js",
        "/*!\n * Pusher JavaScript Library v8.4.0\n */ new Pusher('abc')",
        "new Echo({broadcaster: 'reverb'}) // pusher",
        "new Echo(pusher",
    ],
)
def test_what_does_not_start(read: Any, code: str):
    assert read({"a.html": code}).findings == ()


def test_behind_a_comment_that_has_ended(read: Any):
    code = "<!-- old -->\n<script>\nf('https://x.example'); new Pusher('abc')</script>"
    assert only(read({"a.html": code}), "page").line == 3


def test_lines(read: Any):
    report = read({"a.html": "\n<p>\nnew Pusher('abc')", "b.py": "\nT = '''\n\nnew Pusher(k)'''"})
    page, tag = all_of(report, "page")
    assert (page.line, tag.line) == (3, 4)


def test_the_cdn(read: Any):
    code = '<script src="https://js.pusher.com/8.4.0/pusher.min.js"></script>'
    found = only(read({"a.html": code}), "cdn")
    assert found.text == "pusher-js comes from the CDN: js.pusher.com/8.4.0/pusher.min.js"
    assert found.door == "playwright"


def test_data_attributes(read: Any):
    code = "<body data-pusher-key=\"{{ KEY|default:'' }}\"\n data-pusher-cluster='eu'>"
    key, cluster = all_of(read({"a.html": code}), "page-data")
    assert key.text == "data-pusher-key is \"{{ KEY|default:'' }}\""
    assert key.advice == ""
    assert cluster.line == 2
    assert cluster.advice


def test_a_long_expression_is_cut(read: Any):
    found = only(read({"a.js": f"new Pusher({'x.' * 60}y)"}), "page")
    assert found.text.endswith("…")


@pytest.mark.parametrize(
    "code",
    [
        "process.env.NEXT_PUBLIC_PUSHER_KEY",
        "import.meta.env.NEXT_PUBLIC_PUSHER_KEY",
        "process.env['NEXT_PUBLIC_PUSHER_KEY']",
    ],
)
def test_variables_of_a_build(read: Any, code: str):
    found = setting(read({"a.ts": f"\nconst k = {code}"}), "NEXT_PUBLIC_PUSHER_KEY")
    assert (found.kind, found.source, found.line) == ("key", "javascript", 2)


def test_a_server_of_node(read: Any):
    code = """\
        import Pusher from "pusher";
        const p = new Pusher({appId: "1", key: "abc", secret: process.env.S, cluster: "eu"});
        """
    found = only(read({"lib/pusher.ts": code}), "node-server")
    assert (found.line, found.door) == (2, "none")
    assert "pusher-mock serve" in found.advice


def test_a_page_that_differs(read: Any):
    report = read(
        {
            "config.py": "PUSHER_KEY = 'new-key'\nPUSHER_CLUSTER = 'eu'\n",
            "a.html": "new Pusher('old-key', {cluster: 'us2'})",
            "b.html": "new Pusher('new-key', {cluster: 'eu'})",
            "tests/c.html": "new Pusher('other', {cluster: 'ap1'})",
        }
    )
    key, cluster = only(report, "page-key"), only(report, "page-cluster")
    assert key.text == "the key 'old-key' of this page is not the one in config.py:1"
    assert (key.path, key.severity) == ("a.html", "warning")
    assert cluster.text == "the cluster 'us2' of this page is not the one in config.py:2"


@pytest.mark.parametrize(
    "other",
    [
        {"app.py": "import pusher\nc = pusher.Pusher('1', 'new-key', 's')\n"},
        {"app.py": "import os, pusher\nc = pusher.Pusher('1', os.getenv('K', 'new-key'), 's')\n"},
        {".env": "PUSHER_KEY=new-key\n"},
        {"settings.py": "import os\nPUSHER_KEY = os.getenv('PUSHER_KEY', 'new-key')\n"},
        {"settings.py": "PUSHER_KEY = 'new-key'\n"},
        {"server.js": "require('pusher'); new Pusher({key: 'new-key'})"},
    ],
)
def test_the_other_side(read: Any, other: dict[str, str]):
    assert only(read({"a.html": "new Pusher('old-key')", **other}), "page-key").path == "a.html"
    assert all_of(read({"a.html": "new Pusher('new-key')", **other}), "page-key") == []


def test_nothing_to_compare_with(read: Any):
    report = read({"a.html": "new Pusher('abc')", ".env": "PUSHER_KEY=<key>\nPUSHER_CLUSTER=\n"})
    assert all_of(report, "page-key") == []


def test_arguments():
    assert scripts.arguments("f(a, {b: [1, 2]}, 'c)')", 2) == ["a", "{b: [1, 2]}", "'c)'"]
    assert scripts.arguments("f()", 2) == []
    assert scripts.arguments("f(a", 2) is None
    assert scripts.option("{a: 1}", "b") is None
    assert scripts.option("{a: f(1, 2), b: 3}", "a") == "f(1, 2)"
    assert scripts.option("{a: }", "a") is None
    assert scripts.option("{a: (", "a") is None
    assert scripts.string_constant("let a = '{{ b }}'", "a") is None
    assert scripts.literal("'a' + 'b'") is None
