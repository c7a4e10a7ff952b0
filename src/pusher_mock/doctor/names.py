"""What names in a module stand for, as far as its imports tell."""

from __future__ import annotations

import ast

__all__ = ["Names", "dotted"]


def dotted(node: ast.AST) -> str | None:
    """``a.b.c`` as it is written, or ``None`` for anything but names and attributes."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return None
    return ".".join([node.id, *reversed(parts)])


class Names:
    """The imports of a module, wherever in it they stand.

    Args:
        tree: the module.
        package: the dotted name of the package that it is in, for relative imports; ``""`` at
            the root.

    Attributes:
        origins: local names to dotted ones.
        modules: the dotted names that are imported, with the lines.
    """

    def __init__(self, tree: ast.Module, package: str) -> None:
        self.origins: dict[str, str] = {}
        self.modules: dict[str, int] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                for one in node.names:
                    top = one.name.partition(".")[0]
                    self.origins[one.asname or top] = one.name if one.asname else top
                    self.modules.setdefault(one.name, node.lineno)
            elif isinstance(node, ast.ImportFrom):
                home = _home(node, package)
                for one in node.names:
                    name = f"{home}.{one.name}".strip(".")
                    if node.level:
                        # A dot at the start keeps it from looking like a library's.
                        name = f".{name}"
                    self.origins[one.asname or one.name] = name
                    self.modules.setdefault(name, node.lineno)

    def resolve(self, node: ast.AST) -> str | None:
        """The dotted name behind an expression; what the module itself defines stays as it is."""
        written = dotted(node)
        if written is None:
            return None
        first, _, rest = written.partition(".")
        origin = self.origins.get(first, first)
        return f"{origin}.{rest}" if rest else origin

    def imports(self, library: str) -> int | None:
        """The line that imports a library or something of it, if one does."""
        lines = [
            line
            for name, line in self.modules.items()
            if name == library or name.startswith(f"{library}.")
        ]
        return min(lines, default=None)


def _home(node: ast.ImportFrom, package: str) -> str:
    if not node.level:
        return node.module or ""
    parts = package.split(".") if package else []
    kept = parts[: len(parts) - (node.level - 1)]
    return ".".join([*kept, *([node.module] if node.module else [])])
