"""What stands for data in an assertion: a value, or something that says which values will do."""

from __future__ import annotations

import json
import re
from typing import Any, Final

__all__ = ["Subset", "fits", "keys", "shown", "subset", "verdict"]

_NOTHING: Final = object()


class Subset:
    """Stands for whatever contains it; made by ``subset()``."""

    __slots__ = ("wanted",)

    def __init__(self, wanted: Any) -> None:
        self.wanted = wanted

    def __eq__(self, found: object) -> bool:
        if isinstance(found, Subset):
            return bool(self.wanted == found.wanted)
        return _contains(self.wanted, found)

    __hash__ = None  # type: ignore[assignment]  # it may hold a dict

    def __repr__(self) -> str:
        return f"subset({shown(self.wanted)})"


def subset(wanted: Any) -> Subset:
    """Stand for data that has at least this: other keys of a dict may be there as well.

    It goes for dicts inside of it, too, and for those in lists, which have to be equally long.

    Args:
        wanted: the part that is wanted, with anything in it that an assertion takes.

    Returns:
        What an assertion takes as data, and what equals each dict that has it.
    """
    return Subset(wanted)


def fits(wanted: Any, found: Any) -> bool:
    """Whether a value is what was wanted.

    Args:
        wanted: the very value, as it is or as JSON would hold it; ``...``, or ``ANY`` of
            ``unittest.mock``, for any; a compiled regular expression, which is searched for in a
            string; a class, for its instances; a function that says whether the value will do;
            ``subset()``; or a dict or list with these inside.
        found: decoded from JSON.
    """
    # A subset says itself what equals it, and so does whatever else somebody wrote to compare with.
    if wanted is ... or bool(found == wanted):
        return True
    if isinstance(wanted, re.Pattern):
        return isinstance(found, str) and _searched(wanted, found)
    if isinstance(wanted, type):
        # JSON's true is no number.
        return isinstance(found, wanted) and (wanted is bool or not isinstance(found, bool))
    if isinstance(wanted, dict):
        return isinstance(found, dict) and _same_items(wanted, found)
    if isinstance(wanted, list | tuple):
        return isinstance(found, list) and _all_fit(wanted, found)
    if callable(wanted):
        return verdict(wanted, found) is None
    return bool(found == _through_json(wanted))


def verdict(asked: Any, found: Any) -> str | None:
    """What a function has against a value; ``None`` when it takes it."""
    try:
        return None if asked(found) else f"{_name(asked)} says no"
    except Exception as error:  # a value of another shape: `data["x"]` of a list
        return f"{_name(asked)} raised {error!r}"


def _searched(pattern: re.Pattern[Any], found: str) -> bool:
    return isinstance(pattern.pattern, str) and pattern.search(found) is not None


def _same_items(wanted: dict[Any, Any], found: dict[str, Any]) -> bool:
    given = keys(wanted)
    return given.keys() == found.keys() and all(fits(given[key], found[key]) for key in given)


def _all_fit(wanted: Any, found: list[Any]) -> bool:
    return len(wanted) == len(found) and all(map(fits, wanted, found))


def _contains(wanted: Any, found: Any) -> bool:
    if isinstance(wanted, dict):
        return isinstance(found, dict) and all(
            _contains(one, found.get(key, _NOTHING)) for key, one in keys(wanted).items()
        )
    if isinstance(wanted, list | tuple):
        return (
            isinstance(found, list)
            and len(wanted) == len(found)
            and all(map(_contains, wanted, found))
        )
    return found is not _NOTHING and fits(wanted, found)


def keys(wanted: dict[Any, Any]) -> dict[str, Any]:
    """The dict with its keys as JSON would hold them: 3 is ``"3"``."""
    if all(isinstance(key, str) for key in wanted):
        return wanted
    return {key if isinstance(key, str) else _key(key): one for key, one in wanted.items()}


def _key(key: Any) -> str:
    made = next(iter(_through_json({key: None})))
    return made if isinstance(made, str) else repr(key)


def _through_json(value: Any) -> Any:
    try:
        return json.loads(json.dumps(value))
    except (TypeError, ValueError):
        return value


def shown(value: Any) -> str:
    """A wanted value in words: as JSON where it is that."""
    if isinstance(value, Subset):
        return repr(value)
    if isinstance(value, re.Pattern):
        return f"/{value.pattern}/"
    if isinstance(value, type):
        return f"any {value.__name__}"
    if callable(value):
        return _name(value)
    try:
        return json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError):
        return repr(value)


def _name(asked: Any) -> str:
    return str(getattr(asked, "__name__", None) or repr(asked))
