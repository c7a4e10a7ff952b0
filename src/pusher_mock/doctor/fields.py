"""Classes of settings: pydantic-settings, whose fields are variables of the environment."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from .values import literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .names import Names

__all__ = ["Field", "fields_of", "is_settings"]

_BASE: Final = "BaseSettings"
_ALIASES: Final = ("validation_alias", "alias", "env")


@dataclass(frozen=True, slots=True)
class Field:
    """A field of such a class.

    Attributes:
        attribute: its name in Python.
        names: the variables that it is read from, the first one first.
        line: in the file.
        default: its default, if that is an expression.
        required: whether there is none.
    """

    attribute: str
    names: tuple[str, ...]
    line: int
    default: ast.expr | None
    required: bool


def is_settings(node: ast.ClassDef, names: Names) -> bool:
    """Whether a class reads its fields from the environment."""
    bases = ((names.resolve(base) or "").rpartition(".")[2] for base in node.bases)
    return any(base.endswith(_BASE) for base in bases)


def fields_of(node: ast.ClassDef, names: Names) -> Iterator[Field]:
    """The fields of a class, if it is one of settings."""
    if not is_settings(node, names):
        return
    prefix = _prefix(node)
    for one in node.body:
        if not isinstance(one, ast.AnnAssign) or not isinstance(one.target, ast.Name):
            continue
        attribute = one.target.id
        if attribute == "model_config" or "ClassVar" in ast.dump(one.annotation):
            continue
        default, required, aliases = _field(one.value)
        read = aliases or (f"{prefix}{attribute}".upper(),)
        yield Field(attribute, read, one.lineno, default, required)


def _field(value: ast.expr | None) -> tuple[ast.expr | None, bool, tuple[str, ...]]:
    """A field's default, whether it is required, and the names that were given to it."""
    if value is None:
        return None, True, ()
    if not isinstance(value, ast.Call) or not _is_field(value):
        return value, False, ()
    keywords = {one.arg: one.value for one in value.keywords}
    default = value.args[0] if value.args else keywords.get("default")
    if isinstance(default, ast.Constant) and default.value is ...:
        default = None
    required = default is None and "default_factory" not in keywords
    return default, required, _aliases(keywords)


def _is_field(value: ast.Call) -> bool:
    function = value.func
    return getattr(function, "id", getattr(function, "attr", "")) == "Field"


def _aliases(keywords: dict[str | None, ast.expr]) -> tuple[str, ...]:
    for name in _ALIASES:
        given = keywords.get(name)
        if given is None:
            continue
        nodes = given.args if isinstance(given, ast.Call) else [given]
        found = tuple(text for node in nodes if (text := literal(node)))
        if found:
            return found
    return ()


def _prefix(node: ast.ClassDef) -> str:
    """``env_prefix``, of ``model_config`` or of an inner ``Config``."""
    for one in ast.walk(node):
        if isinstance(one, ast.keyword) and one.arg == "env_prefix":
            return literal(one.value) or ""
        if isinstance(one, ast.Assign):
            targets = [getattr(target, "id", "") for target in one.targets]
            if "env_prefix" in targets:
                return literal(one.value) or ""
            if "model_config" in targets and isinstance(one.value, ast.Dict):
                for key, value in zip(one.value.keys, one.value.values, strict=True):
                    if literal(key) == "env_prefix":
                        return literal(value) or ""
    return ""
