"""One Python file, read as Python reads it."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from .addresses import AddressReader
from .building import read_client
from .constants import read_constant
from .events import is_event, read_event
from .fields import fields_of, is_settings
from .findings import Finding, Literally
from .names import dotted
from .pages import read_page
from .patches import read_patch
from .settings import is_kin, is_pushers, kind_of
from .values import Origin, literal, read
from .walk import is_test

if TYPE_CHECKING:
    from .clients import ClientFinder
    from .module import Module
    from .project import Project
    from .reader import Notes
    from .scopes import Scope

__all__ = ["read_python"]

_SDKS: Final = ("pusher", "pysher")
_LIBRARIES: Final = {
    "pusherclient": "websocket",
    "flask_pusher": "sdk",
    "pusherable": "sdk",
    "drf_model_pusher": "sdk",
}
_IMPORTED: Final = (*_SDKS, "pusherclient", "flask_pusher")
_WORKERS: Final = ("celery", "rq", "dramatiq", "huey", "django_rq", "arq", "procrastinate")
_TASKS: Final = ("task", "shared_task", "actor", "job", "db_task", "periodic_task")
_SWITCH: Final = ("compat.django", "compat.flask", "compat.starlette")
_SWITCH_NAMES: Final = (
    "get_pusher_client",
    "get_pusher_server",
    "get_pusher_settings",
    "is_mocked",
    "pusher_server",
    "frontend_config",
)
_WORKER_ADVICE: Final = (
    "in tests, run tasks in the test's process; with processes of their own, `pusher-mock run "
    '--serve` gives all of them one mock; see "Celery and other processes" in the how-tos'
)


def read_python(module: Module, project: Project, finder: ClientFinder, to: Notes) -> None:
    """Take down everything that a module does with Pusher."""
    addresses = AddressReader(module, project, to)
    before = len(to.findings)
    uses: list[int] = []
    for node, scope in module.nodes:
        if isinstance(node, ast.Call):
            if read_client(node, scope, module, project, finder, to):
                uses.append(node.lineno)
                addresses.ignore(node)
            elif is_event(node, module, finder):
                uses.append(node.lineno)
        read_event(node, scope, module, finder, to)
        read_patch(node, module, to)
        read_constant(node, scope, module, to)
        addresses.see(node, scope)
        _read_setting(node, scope, module, to)
        if isinstance(node, ast.ClassDef) and is_settings(node, module.names):
            _read_fields(node, module, to)
        text = literal(node) if isinstance(node, ast.Constant) else None
        if text is not None and "new Pusher(" in text and not is_test(module.path):
            read_page(text, module.path, to, first_line=getattr(node, "lineno", 1))
    addresses.finish(calls=bool(uses))
    _read_imports(module, to, alone=len(to.findings) == before)
    _read_switch(module, to)
    _read_worker(uses, module, to)


def _read_setting(node: ast.AST, scope: Scope, module: Module, to: Notes) -> None:
    origin = read(node, module.names, module.envs)
    if origin is None:
        return
    if is_pushers(origin.name):
        to.read(module.path, origin, scope.when)
        _read_default(origin, module, to)
    elif origin.required and scope.at_import and origin.how == "environment":
        # The import fails without it, whatever it is for; of others' names nothing is guessed.
        kin = is_kin(origin.name)
        if kin or any(module.names.imports(one) is not None for one in _IMPORTED):
            to.read(module.path, origin, scope.when, by_name=kin)


def _read_default(origin: Origin, module: Module, to: Notes) -> None:
    """A secret, a key or a cluster as the default of a variable."""
    kind = kind_of(origin.name, to.spellings)
    if origin.value and kind == "secret":
        to.secret(module.path, origin.line, origin.value, f"the default of {origin.name}")
    elif origin.value and kind in ("key", "cluster") and not is_test(module.path):
        to.literals.append(Literally(kind, origin.value, module.path, origin.line))


def _read_fields(node: ast.ClassDef, module: Module, to: Notes) -> None:
    """Fields of a settings class; required ones fail where an object of it is built."""
    built = any(
        isinstance(value, ast.Call) and dotted(value.func) == node.name
        for value in module.constants.values()
    )
    for field in fields_of(node, module.names):
        for name in field.names:
            default = literal(field.default)
            origin = Origin("environment", field.line, name, default, field.required)
            if is_pushers(name) or is_pushers(field.attribute):
                kept = Origin(
                    "environment", field.line, name, default, field.required, module.path, built
                )
                to.read(module.path, kept, "import" if built else "call")
                _read_default(origin, module, to)


def _read_imports(module: Module, to: Notes, *, alone: bool) -> None:
    """Imports of the SDKs, where nothing else has been found, and of what is built on them."""
    for library in _SDKS:
        line = module.names.imports(library)
        if line is not None and alone:
            text = f"{library} is imported"
            to.add(Finding(module.path, line, "import", "note", text, "sdk"))
    for library, door in _LIBRARIES.items():
        line = module.names.imports(library)
        if line is not None and library != "flask_pusher":
            text = f"{library} is imported; it calls Pusher itself"
            to.add(Finding(module.path, line, "library", "note", text, door))


def _read_switch(module: Module, to: Notes) -> None:
    """What is there of pusher-mock already."""
    names = module.names
    line = names.imports("pusher_mock")
    if line is not None:
        to.add(Finding(module.path, line, "switch", "note", "pusher_mock is used already"))
    lines = [
        at
        for name, at in names.modules.items()
        if name.startswith(_SWITCH)
        or (name.startswith("compat.") and name.rpartition(".")[2] in _SWITCH_NAMES)
    ]
    if lines:
        text = "the switch (`compat`) is used: USE_MOCKS=true turns it to the mock"
        to.add(Finding(module.path, min(lines), "switch", "note", text))


def _task_decorator(module: Module) -> str | None:
    """``@app.task`` and its like, of whatever queue."""
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        for decorator in node.decorator_list:
            called = decorator.func if isinstance(decorator, ast.Call) else decorator
            name = dotted(called) or ""
            if name.rpartition(".")[2] in _TASKS:
                return f"@{name}"
    return None


def _read_worker(uses: list[int], module: Module, to: Notes) -> None:
    """A publisher in what looks like another process."""
    if not uses or is_test(module.path):
        return
    library = next((one for one in _WORKERS if module.names.imports(one) is not None), None)
    library = library or _task_decorator(module)
    if library is None and "worker" not in module.path.lower():
        return
    by = library or "by its name"
    text = f"this runs in a worker process ({by}), which has a memory of its own"
    to.add(Finding(module.path, min(uses), "worker", "note", text, "sdk", _WORKER_ADVICE))
