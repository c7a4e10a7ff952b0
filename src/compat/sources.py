"""Where settings are read: the framework, the environment, `.env.local`, `.env`, `PUSHER_URL`.

pydantic-settings reads the files and the environment. Which value wins is decided here, because
its own rule (the first alias found, wherever it was found) would let a `PUSHER_KEY` in a file beat
a `PUSHER_APP_KEY` in the environment.
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, urlsplit

from pydantic_settings import (
    DotEnvSettingsSource,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
)

from compat.frameworks import active
from compat.names import FRONTEND_PREFIX, SCHEME, SCHEMES, SPELLINGS, URL, URL_FORM

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo
    from pydantic_settings import BaseSettings

__all__ = ["FINDINGS", "Findings", "LayeredSource", "parse_pusher_url"]

FINDINGS: Final = "compat_findings"
"""Key under which `LayeredSource` hands its `Findings` to the settings beside the values."""


@dataclass(frozen=True, slots=True)
class Findings:
    """What the sources know beyond the values.

    Attributes:
        hits: Field to the value found, the name it was read under and the place, such as
            ``("k", "PUSHER_APP_KEY", ".env")``.
        problems: Sentences about values that could not be read at all.
    """

    hits: dict[str, tuple[Any, str, str]] = field(default_factory=dict, repr=False)
    problems: list[str] = field(default_factory=list)


def parse_pusher_url(url: str) -> dict[str, str | int | bool]:
    """Take a ``PUSHER_URL`` apart.

    The SDK's ``from_url`` keeps a port inside the host name and then appends another one
    (facts 5.1), which is why the parts are passed to the SDK one by one.

    Args:
        url: ``http(s)://KEY:SECRET@HOST[:PORT]/apps/APP_ID``; key and secret may be
            percent-encoded.

    Returns:
        ``key``, ``secret``, ``host``, ``app_id``, ``ssl``, and ``port`` if there is one.

    Raises:
        ValueError: The URL has another form. The text does not quote it, for it holds the secret.
    """
    problem = f"write {URL_FORM}"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError(problem) from None  # the original text quotes the URL
    empty, _, path = parts.path.partition("/apps/")
    app_id = path.removesuffix("/")
    if not (
        parts.scheme in SCHEMES
        and parts.username
        and parts.password
        and parts.hostname
        and not empty
        and app_id
        and "/" not in app_id
    ):
        raise ValueError(problem)
    # The SDK pastes the host into a URL, where an IPv6 address needs its brackets.
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    found: dict[str, str | int | bool] = {
        "key": unquote(parts.username),
        "secret": unquote(parts.password),
        "host": host,
        "app_id": app_id,
        "ssl": SCHEMES[parts.scheme],
    }
    if port is not None:
        found["port"] = port
    return found


class LayeredSource(PydanticBaseSettingsSource):
    """Every value by three rules, in this order.

    1. A variable of its own beats its part of ``PUSHER_URL``.
    2. A server name beats a ``NEXT_PUBLIC_`` name, wherever either stands.
    3. The framework's settings beat the environment, which beats ``.env.local``, which beats
       ``.env``; within one place the preferred spelling comes first. Blank counts as unset, and so
       does a framework's ``None``.
    """

    def __init__(
        self,
        settings_cls: type["BaseSettings"],
        environment: EnvSettingsSource,
        files: DotEnvSettingsSource,
    ) -> None:
        """Read every place.

        Args:
            settings_cls: The settings to fill.
            environment: The library's reader of the environment.
            files: The library's reader of the files; its list of files is read one by one.
        """
        super().__init__(settings_cls)
        framework = active()
        self._layers: list[tuple[str, Mapping[str, Any]]] = [
            (framework.place, framework.values()),
            ("the environment", environment.env_vars),
        ]
        listed = files.env_file
        if listed is None:
            listed = ()
        elif isinstance(listed, (str, os.PathLike)):
            listed = (listed,)
        for file in reversed([*listed]):
            reader = DotEnvSettingsSource(
                settings_cls, env_file=file, env_file_encoding=files.env_file_encoding
            )
            self._layers.append((os.fspath(file), reader.env_vars))

    def __call__(self) -> dict[str, Any]:
        """Return the values found, by field name, and the `Findings` under `FINDINGS`."""
        findings = Findings()
        hits = findings.hits
        for name in self.settings_cls.model_fields:
            hit: tuple[Any, str, str] | None = self._find(SPELLINGS[name])
            if hit is not None and hit[1] == SCHEME:
                hit = self._read_scheme(hit, findings)
            if hit is not None:
                hits[name] = hit
        url = self._find((URL,))
        if url is not None:
            text, _, place = url
            try:
                parts = parse_pusher_url(str(text))
            except ValueError as error:
                findings.problems.append(f"{URL} ({place}): {error}")
            else:
                hits.update({n: (part, URL, place) for n, part in parts.items() if n not in hits})
        return {**{name: value for name, (value, _, _) in hits.items()}, FINDINGS: findings}

    def get_field_value(self, field: "FieldInfo", field_name: str) -> tuple[Any, str, bool]:
        """Return value, key and "is JSON" of one field (what pydantic-settings asks a source).

        Args:
            field: Unused: the spellings are in `compat.names`.
            field_name: The field of the settings.

        Returns:
            The value or ``None``, the field name, and always ``False``.
        """
        return self().get(field_name), field_name, False

    @staticmethod
    def _read_scheme(hit: tuple[Any, str, str], findings: Findings) -> tuple[bool, str, str] | None:
        """Turn ``https`` or ``http`` into the boolean `ssl` wants."""
        value, name, place = hit
        tls = SCHEMES.get(str(value).lower())
        if tls is None:
            findings.problems.append(f"{name} ({place}): write {' or '.join(SCHEMES)}")
            return None
        return tls, name, place

    def _find(self, spellings: tuple[str, ...]) -> tuple[Any, str, str] | None:
        """Return value, name and place of the best hit."""
        return next(self._hits(spellings), None)

    def _hits(self, spellings: tuple[str, ...]) -> Iterator[tuple[Any, str, str]]:
        for for_frontend in (False, True):
            names = [s for s in spellings if s.startswith(FRONTEND_PREFIX) is for_frontend]
            for place, variables in self._layers:
                for name in names:
                    value = variables.get(name)
                    if isinstance(value, str):  # frameworks also hold booleans and numbers
                        value = value.strip() or None
                    if value is not None:
                        yield value, name, place
