"""Which calls build a client: the SDKs' classes, subclasses of them, and factories around them."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from .names import dotted

if TYPE_CHECKING:
    from .module import Module
    from .project import Project

__all__ = ["Built", "ClientFinder", "arguments_of"]

_PUBLISHERS: Final = frozenset(
    {
        "pusher.Pusher",
        "pusher.pusher.Pusher",
        "pusher.PusherClient",
        "pusher.pusher_client.PusherClient",
    }
)
_SUBSCRIBERS: Final = frozenset({"pysher.Pusher", "pysher.pusher.Pusher"})
_OLD_SUBSCRIBERS: Final = frozenset({"pusherclient.Pusher", "pusherclient.pusher.Pusher"})
_EXTENSIONS: Final = frozenset({"flask_pusher.Pusher"})
_MAKERS: Final = ("from_url", "from_env")
_DEEPEST: Final = 5

# facts 5.1, 5.2: the parameters that can be given by their place
_PUBLISHER_PLACES: Final = (
    "app_id", "key", "secret", "ssl", "host", "port", "timeout", "cluster",
    "encryption_master_key", "encryption_master_key_base64", "json_encoder", "json_decoder",
    "backend",
)  # fmt: skip
_SUBSCRIBER_PLACES: Final = (
    "key", "cluster", "ssl", "secret", "auth_endpoint", "auth_endpoint_headers", "user_data",
    "log_level", "daemon", "port", "reconnect_interval", "host",
)  # fmt: skip
_OWN_NAMES: Final = {"secure": "ssl", "custom_host": "host"}


@dataclass(frozen=True, slots=True)
class Built:
    """A class that clients are made of.

    Attributes:
        library: ``pusher``, ``pysher``, ``pusherclient``, ``flask_pusher``.
        label: as it is shown.
        maker: ``from_url`` or ``from_env``, if one is called.
    """

    library: str
    label: str
    maker: str = ""

    @property
    def door(self) -> str:
        """The door that catches its calls."""
        return "websocket" if self.library == "pusherclient" else "sdk"


def arguments_of(call: ast.Call, built: Built) -> dict[str, ast.expr]:
    """The arguments of a client by the SDK's names; ``url`` and ``env`` for the makers."""
    found: dict[str, ast.expr] = {}
    if built.maker:
        places: tuple[str, ...] = ("url",) if built.maker == "from_url" else ("env",)
    elif built.library == "pusher":
        places = _PUBLISHER_PLACES
    elif built.library == "flask_pusher":
        places = ()
    else:
        places = _SUBSCRIBER_PLACES
    for name, value in zip(places, call.args, strict=False):
        if isinstance(value, ast.Starred):
            break
        found[name] = value
    for keyword in call.keywords:
        if keyword.arg is not None:
            name = _OWN_NAMES.get(keyword.arg, keyword.arg) if built.library != "pusher" else ""
            found[name or keyword.arg] = keyword.value
    return found


class ClientFinder:
    """Knows which expressions build clients.

    Args:
        project: where modules that a module imports are found.
    """

    def __init__(self, project: Project) -> None:
        self._project = project
        self._factories: dict[str, dict[str, Built]] = {}

    def built(self, call: ast.AST, module: Module) -> Built | None:
        """What a call builds, if it calls the class of a client."""
        if not isinstance(call, ast.Call):
            return None
        name = module.names.resolve(call.func)
        if name is None:
            return None
        head, _, last = name.rpartition(".")
        if last in _MAKERS:
            found = self.client_class(head, module)
            return Built(found.library, f"{found.label}.{last}", last) if found else None
        return self.client_class(name, module)

    def client_class(self, name: str, module: Module, depth: int = 0) -> Built | None:
        """Whether a dotted name is a class that clients are made of."""
        if name in _PUBLISHERS:
            return Built("pusher", f"pusher.{name.rpartition('.')[2]}")
        if name in _SUBSCRIBERS:
            return Built("pysher", "pysher.Pusher")
        if name in _OLD_SUBSCRIBERS:
            return Built("pusherclient", "pusherclient.Pusher")
        if name in _EXTENSIONS:
            return Built("flask_pusher", "flask_pusher.Pusher")
        if depth > _DEEPEST:
            return None
        if name in module.classes:
            return self._subclass(module.classes[name], module, depth)
        found = self._project.find(name)
        if found is None or not found[1] or found[0] is module:
            return None
        other, inside = found
        return self.client_class(other.names.origins.get(inside, inside), other, depth + 1)

    def _subclass(self, node: ast.ClassDef, module: Module, depth: int) -> Built | None:
        for base in node.bases:
            name = module.names.resolve(base)
            if name is None or name == node.name:
                continue
            found = self.client_class(name, module, depth + 1)
            if found is not None:
                return Built(found.library, f"{node.name}, a subclass of {found.label}")
        return None

    def factories(self, module: Module) -> dict[str, Built]:
        """Functions that return a client, and classes that build one when they are made."""
        if module.path not in self._factories:
            self._factories[module.path] = {}  # while it is looked for, there is none
            self._factories[module.path] = dict(self._find_factories(module))
        return self._factories[module.path]

    def _find_factories(self, module: Module) -> dict[str, Built]:
        found = {}
        for node, scope in module.nodes:
            if not scope.functions:
                continue
            built = self.built(node, module)
            if built is None:
                continue
            function = scope.functions[0]
            if not scope.classes and any(isinstance(one, ast.Return) for one in ast.walk(function)):
                found[function.name] = built
            elif len(scope.classes) == 1 and function.name == "__init__":
                found[scope.classes[0].name] = built
        return found

    def made_by(self, call: ast.Call, module: Module) -> tuple[str, Built] | None:
        """The factory that a call calls, and what it makes."""
        name = module.names.resolve(call.func)
        if name is None:
            return None
        if name in self.factories(module):
            return name, self.factories(module)[name]
        found = self._project.find(name)
        if found is None or found[0] is module:
            return None
        built = self.factories(found[0]).get(found[1])
        return (found[1], built) if built is not None else None

    def is_client(self, node: ast.AST, module: Module, depth: int = 0) -> bool:
        """Whether an expression is, or is named like, a client."""
        if isinstance(node, ast.Call):
            if self.built(node, module) or self.made_by(node, module):
                return True
            return "pusher" in (dotted(node.func) or "").lower()
        name = module.names.resolve(node)
        if name is None or depth > _DEEPEST:
            return False
        if "pusher" in name.lower():
            return True
        if name in module.constants:
            return self.is_client(module.constants[name], module, depth + 1)
        found = self._project.find(name)
        if found is None or found[0] is module or found[1] not in found[0].constants:
            return False
        other, inside = found
        return self.is_client(other.constants[inside], other, depth + 1)
