"""The applications of tests/shapes: where each builds its client, what it reads, what is caught."""

from __future__ import annotations

from pathlib import Path

import pytest

from pusher_mock.doctor import Report, read_project

from .reports import all_of, only

SHAPES = Path(__file__).parent.parent / "shapes"
NAMES = (
    "s01_module_literals",
    "s02_literals_despite_settings",
    "s03_package_init",
    "s04_factory_and_singleton",
    "s05_celery_tasks",
    "s06_package_named_pusher",
    "s07_subclasses",
    "s08_view_mixin",
    "s09_provider",
    "s10_flask_extension",
    "s11_extensions_module",
    "s12_single_file",
    "s13_cached_factory",
    "s14_worker_variables",
    "s15_trigger_at_import",
    "s16_variables_at_import",
    "s17_pydantic_settings",
    "s18_feeds",
    "s19_cors_presence",
)


def _report(name: str) -> Report:
    return read_project(SHAPES / name)


def _kinds(report: Report) -> dict[str, str | None]:
    return {one.name: one.kind for one in report.settings}


@pytest.mark.parametrize(
    ("shape", "built"),
    [
        ("s01_module_literals", {"views.py": "import"}),
        ("s02_literals_despite_settings", {"backend/views/pusher_config.py": "import"}),
        ("s03_package_init", {"api/__init__.py": "import"}),
        ("s05_celery_tasks", {"tasks.py": "import"}),
        ("s06_package_named_pusher", {"pusher/base.py": "call"}),
        (
            "s07_subclasses",
            {"classes.py": "call", "realtime.py": "call", "views.py": "call"},
        ),
        ("s08_view_mixin", {"mixins.py": "call"}),
        ("s09_provider", {"providers.py": "cached"}),
        ("s10_flask_extension", {"flask_pusher.py": "call"}),
        ("s11_extensions_module", {"extensions.py": "import"}),
        ("s12_single_file", {"server.py": "import"}),
        ("s13_cached_factory", {"utils.py": "cached"}),
        ("s14_worker_variables", {"client.py": "import"}),
        ("s15_trigger_at_import", {"edu/pusher.py": "import"}),
        ("s16_variables_at_import", {"tracker/views.py": "import"}),
        ("s17_pydantic_settings", {"config/pusher.py": "import"}),
        ("s18_feeds", {"datafeed.py": "call"}),
        ("s19_cors_presence", {"auth.py": "import"}),
    ],
)
def test_where_the_client_is_built(shape: str, built: dict[str, str]):
    report = _report(shape)
    assert {one.path: one.when for one in all_of(report, "client")} == built
    assert {one.door for one in all_of(report, "client")} == {"sdk"}


def test_a_factory_and_what_it_made_at_import():
    factory, client = all_of(_report("s04_factory_and_singleton"), "client")
    assert (factory.when, client.when) == ("call", "import")
    assert "by get_pusher_client()" in client.text


ORDINARY = {
    "PUSHER_APP_ID": "app_id",
    "PUSHER_KEY": "key",
    "PUSHER_SECRET": "secret",
}


@pytest.mark.parametrize(
    ("shape", "names"),
    [
        ("s01_module_literals", {}),
        (
            "s03_package_init",
            {"PUSHER_APP_ID": "app_id", "PUSHER_APP_KEY": "key", "PUSHER_APP_SECRET": "secret"},
        ),
        ("s04_factory_and_singleton", {**ORDINARY, "PUSHER_CLUSTER": "cluster"}),
        ("s05_celery_tasks", ORDINARY),
        (
            "s06_package_named_pusher",
            {"PUSHER_APPID": "app_id", "PUSHER_KEY": "key", "PUSHER_SECRET": "secret"},
        ),
        ("s09_provider", {**ORDINARY, "PUSHER_CLUSTER": "cluster"}),
        (
            "s10_flask_extension",
            {**ORDINARY, "PUSHER_HOST": "host", "PUSHER_PORT": "port", "PUSHER_SSL": "ssl"},
        ),
        ("s13_cached_factory", {}),
        (
            "s14_worker_variables",
            {
                "WEBSOCKET_APP_ID": "app_id",
                "WEBSOCKET_APP_KEY": "key",
                "WEBSOCKET_APP_SECRET": "secret",
                "WEBSOCKET_HOST": "host",
                "WEBSOCKET_PORT": "port",
                "WEBSOCKET_SSL": "ssl",
            },
        ),
        (
            "s15_trigger_at_import",
            {
                "PUSHER_APP_APP_ID": "app_id",
                "REACT_APP_API_KEY": "key",
                "PUSHER_APP_SECRET": "secret",
            },
        ),
        ("s16_variables_at_import", {**ORDINARY, "PUSHER_CLUSTER": "cluster"}),
        (
            "s17_pydantic_settings",
            {
                "PUSHER_APP_ID": "app_id",
                "PUSHER_APP_KEY": "key",
                "PUSHER_APP_SECRET": "secret",
                "PUSHER_APP_CLUSTER": "cluster",
            },
        ),
    ],
)
def test_the_names_it_reads(shape: str, names: dict[str, str]):
    found = _kinds(_report(shape))
    assert {name: found.get(name) for name in names} == names
    assert bool(found) == bool(names)


@pytest.mark.parametrize(
    "shape", ["s14_worker_variables", "s15_trigger_at_import", "s16_variables_at_import"]
)
def test_variables_that_an_import_needs(shape: str):
    assert "fails without" in only(_report(shape), "required").text


def test_what_else_is_told():
    assert only(_report("s03_package_init"), "client").advice.startswith("importing anything")
    assert "save()" in only(_report("s04_factory_and_singleton"), "event-on-save").text
    assert all_of(_report("s05_celery_tasks"), "worker")
    assert only(_report("s06_package_named_pusher"), "page-data").path.endswith("base.html")
    assert "RealTimePusher" in all_of(_report("s07_subclasses"), "client")[0].text
    assert only(_report("s08_view_mixin"), "page").path.startswith("templatetags/")
    assert all_of(_report("s09_provider"), "patch")
    assert all_of(_report("s12_single_file"), "webhook")
    assert "'10.13.13.13'" in only(_report("s13_cached_factory"), "host").text
    assert only(_report("s15_trigger_at_import"), "event-at-import").path == "edu/pusher.py"
    assert {one.door for one in all_of(_report("s18_feeds"), "websocket")} == {"websocket"}


def test_a_key_in_a_page():
    report = _report("s02_literals_despite_settings")
    page = only(report, "page")
    assert (page.path.endswith("chat_with_user.html"), page.door) == (True, "playwright")
    assert only(report, "cdn").door == "playwright"
    assert all_of(report, "page-key") == []  # page and server agree


@pytest.mark.parametrize("shape", NAMES)
def test_everything_is_caught(shape: str):
    report = _report(shape)
    assert report.caught
    assert report.not_caught == ()
    assert report.errors == ()
    assert report.skipped == ()


def test_the_example_of_this_repository():
    report = read_project(SHAPES.parent.parent / "examples" / "django_app")
    assert report.errors == ()
    assert all_of(report, "client") == []  # it uses the switch
    assert any("`compat`" in one.text for one in all_of(report, "switch"))
    assert "PUSHER_ENCRYPTION_MASTER_KEY_BASE64" in _kinds(report)
    assert (report.advice.file, report.advice.section) == ("pytest.ini", "pytest")
