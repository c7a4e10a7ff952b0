"""The files of a project that are worth reading."""

from __future__ import annotations

import io
import os
import tokenize
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from pusher_mock.protocol.errors import UsageError

from .findings import Skipped

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["MAX_BYTES", "Kind", "Source", "Tree", "decode", "is_test", "walk"]

Kind = Literal["python", "page", "values"]

MAX_BYTES: Final = 1_000_000
"""A larger file was made by a program."""

_FOLDERS: Final = frozenset(
    {
        "__pycache__", "bower_components", "build", "dist", "eggs", "htmlcov", "jspm_packages",
        "migrations", "node_modules", "site-packages", "staticfiles", "venv", "virtualenv",
    }
)  # fmt: skip
_TESTS: Final = frozenset({"test", "tests", "testing", "e2e", "spec", "__tests__"})
_KINDS: Final[dict[str, Kind]] = {
    ".py": "python",
    ".pyw": "python",
    **dict.fromkeys((".html", ".htm", ".jinja", ".jinja2", ".j2", ".djhtml"), "page"),
    **dict.fromkeys((".js", ".mjs", ".cjs", ".ts", ".mts", ".tsx", ".jsx"), "page"),
    **dict.fromkeys((".vue", ".svelte", ".astro", ".haml", ".pug", ".mako"), "page"),
    **dict.fromkeys((".env", ".yml", ".yaml", ".toml", ".ini", ".cfg", ".conf"), "values"),
    **dict.fromkeys((".sh", ".properties", ".json"), "values"),
}
_ALWAYS: Final = frozenset({".flaskenv", ".envrc", "Procfile", "Dockerfile"})
_ENVIRONMENTS: Final = ".envs"  # of a template for Django: .envs/.production/.django
_HIDDEN: Final = frozenset({".github", ".circleci", _ENVIRONMENTS})
_LOCKS: Final = frozenset({"package-lock.json", "composer.lock", "poetry.lock", "uv.lock"})
_BUNDLES: Final = (".min.js", ".bundle.js", ".chunk.js")


@dataclass(frozen=True, slots=True)
class Source:
    """A file.

    Attributes:
        path: from the root, with ``/``.
        kind: how it is read.
        file: where it is.
    """

    path: str
    kind: Kind
    file: Path

    def data(self) -> bytes:
        """Its bytes.

        Raises:
            OSError: it cannot be read.
        """
        return self.file.read_bytes()


@dataclass(slots=True)
class Tree:
    """What there is to read.

    Attributes:
        root: the folder that paths begin in.
        in_git: whether it is, or is part of, a repository of git.
        sources: by path.
        skipped: what is not read, and why.
        names: every file's path, of the kinds that are not read too.
        gitignores: the texts of ``.gitignore`` files, by folder.
    """

    root: Path
    in_git: bool = False
    sources: list[Source] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    gitignores: dict[str, str] = field(default_factory=dict)


def is_test(path: str) -> bool:
    """Whether a file belongs to a project's tests, by its name or its folder's."""
    *folders, name = path.lower().split("/")
    return (
        not _TESTS.isdisjoint(folders)
        or name.startswith(("test_", "tests.", "conftest."))
        or name.rpartition(".")[0].endswith(("_test", "_tests", ".test", ".spec"))
    )


def walk(root: Path) -> Tree:
    """Find the files of a project; links are not followed, so there are no circles.

    Args:
        root: a folder, or one file.

    Raises:
        UsageError: it is neither.
    """
    in_git = any(os.path.exists(one / ".git") for one in (root, *root.parents))
    if os.path.isfile(root):
        tree = Tree(root.parent, in_git)
        _take(tree, root.name, root)
        return tree
    if not os.path.isdir(root):
        raise UsageError(f"{root} is neither a folder nor a file that could be read")
    tree = Tree(root, in_git)
    for path, file in _files(tree, root):
        _take(tree, path, file)
    tree.sources.sort(key=lambda one: one.path)
    tree.skipped.sort(key=lambda one: one.path)
    return tree


def _files(tree: Tree, root: Path) -> Iterator[tuple[str, Path]]:
    def refused(error: OSError) -> None:
        where = Path(error.filename).relative_to(root).as_posix()
        tree.skipped.append(Skipped(where, "this folder cannot be read"))

    for folder, folders, files in os.walk(root, onerror=refused):
        here = Path(folder)
        folders[:] = sorted(name for name in folders if _is_ours(here / name))
        for name in sorted(files):
            file = here / name
            yield file.relative_to(root).as_posix(), file


def _is_ours(folder: Path) -> bool:
    """Whether a folder has code that the project's authors write."""
    name = folder.name
    if name in _FOLDERS or name.endswith(".egg-info"):
        return False
    if name.startswith(".") and name not in _HIDDEN and folder.parent.name != _ENVIRONMENTS:
        return False
    # `Path.exists` raises in a folder that cannot be entered; that one is told as it is opened.
    return not os.path.exists(folder / "pyvenv.cfg")


def _take(tree: Tree, path: str, file: Path) -> None:
    name = file.name
    tree.names.add(path)
    is_link = os.path.islink(file)
    if name == ".gitignore" and not is_link:
        folder = path.rpartition("/")[0]
        with suppress(OSError):
            tree.gitignores[folder] = file.read_text(encoding="utf-8", errors="replace")
    kind = "values" if path.startswith(f"{_ENVIRONMENTS}/") else _kind(name)
    if kind is None:
        return
    if is_link:
        tree.skipped.append(Skipped(path, "a link; links are not followed"))
        return
    try:
        size = file.stat().st_size
    except OSError:
        size = -1
    if size < 0 or not file.is_file():
        tree.skipped.append(Skipped(path, "it cannot be read"))
    elif size > MAX_BYTES:
        tree.skipped.append(Skipped(path, f"{size // 1000} kB are more than {MAX_BYTES // 1000}"))
    else:
        tree.sources.append(Source(path, kind, file))


def _kind(name: str) -> Kind | None:
    if name in _LOCKS or name.endswith(_BUNDLES):
        return None
    if name in _ALWAYS or name.startswith((".env.", "env.")) or name == ".env":
        return _KINDS.get(Path(name).suffix, "values")
    return _KINDS.get(Path(name).suffix.lower())


def decode(data: bytes, kind: Kind) -> str:
    """The text of a file: Python says its encoding, the rest is UTF-8 or Latin-1.

    Args:
        data: all of it.
        kind: how it is read.
    """
    encodings = ["utf-8-sig", "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "latin-1"]
    if kind == "python":
        with suppress(SyntaxError, UnicodeDecodeError):
            encodings.insert(0, tokenize.detect_encoding(io.BytesIO(data).readline)[0])
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    return data.decode("latin-1")
