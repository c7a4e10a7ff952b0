"""`PusherSettings`: everything the switch knows, read once and checked at once."""

import re
from typing import Annotated, Any, Final, Self

from pydantic import (
    AliasChoices,
    BeforeValidator,
    Field,
    ModelWrapValidatorHandler,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from compat.errors import ConfigurationError
from compat.frameworks import mock_is_active
from compat.local_server import parse_mock_url
from compat.names import (
    FALSE_WORDS,
    MOCK_DEFAULTS,
    NUMERIC_APP_ID,
    REQUIRED,
    SPELLINGS,
    TRUE_WORDS,
)
from compat.sources import FINDINGS, Findings, LayeredSource

__all__ = ["PusherSettings"]

_MAX_PORT: Final = 65535
_DEFAULT_TIMEOUT_S: Final = 5.0  # the SDK's own default, facts 5.1
_TLS_PORT: Final = 443  # facts 1.1.1
_PLAIN_PORT: Final = 80  # facts 1.1.1

_PUSHER_API_HOST: Final = re.compile(
    r"api(?:-(?P<cluster>[a-z0-9-]+))?\.(?:pusher|pusherapp)\.com", re.IGNORECASE
)
"""Pusher's own API hosts (facts 2.1.1): they answer HTTP only, sockets live elsewhere."""

_BOOLEAN: Final = "write true or false (or 1, yes, on, 0, no, off; any case); empty means unset"
_PORT: Final = f"write a whole number from 1 to {_MAX_PORT}"
_EXPECTED: Final = {
    "use_mocks": _BOOLEAN,
    "use_mocks_without_debug": _BOOLEAN,
    "ssl": _BOOLEAN,
    "port": _PORT,
    "ws_port": _PORT,
    "timeout": "write a number of seconds above 0",
}
_EXPECTED_APP_ID: Final = "the real Pusher only has numeric app ids (digits, nothing else)"


def _boolean(value: object) -> bool:
    """Read a strict boolean: pydantic's own would also take ``t``, ``y`` and ``1.0``."""
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if word in TRUE_WORDS:
        return True
    if word in FALSE_WORDS:
        return False
    raise ValueError("not a boolean")


def _names(field: str) -> AliasChoices:
    return AliasChoices(*SPELLINGS[field])


_StrictBool = Annotated[bool, BeforeValidator(_boolean)]


class PusherSettings(BaseSettings):
    """Which Pusher to hand out, and its credentials.

    Values come from the arguments, then from the settings of Django or Flask, then from the
    environment, then from `.env.local`, then from `.env` (both in the current directory). Empty
    counts as unset. ``PUSHER_URL`` fills whatever
    has no variable of its own. While mocks are on, missing credentials get the mock's defaults.
    The object is frozen, and prints no secret.

    Sources: facts/sdk-integration 3.3 items 4 to 6, seeds/pusher-mock.md "Configuration".

    Attributes:
        use_mocks: The switch, ``USE_MOCKS``: 1/true/yes/on or 0/false/no/off in any case. Unset
            it is off, except while a mock has been activated, as test fixtures do.
        use_mocks_without_debug: Allows mocks where `DEBUG` is off and no test runs.
        app_id: The app's number; any text while mocks are on.
        key: The public app key.
        secret: The app's secret.
        cluster: The cluster, such as ``eu``; ``None`` for Pusher's default one. Taken from
            `host` if that is one of Pusher's API hosts.
        host: Host of the HTTP API if it is not the cluster's.
        port: Port of the HTTP API if it is not the scheme's.
        ssl: TLS for the HTTP API and the socket (``PUSHER_SSL``, or ``PUSHER_SCHEME`` as
            ``https`` or ``http``).
        timeout: Of one HTTP request, in seconds.
        encryption_master_key_base64: 32 bytes for encrypted channels, in base64.
        auth_endpoint: URL that signs subscriptions for the subscribing client. Without it the
            client signs with `secret`.
        ws_host: Host of the socket, see `websocket_host`.
        ws_port: Port of the socket, see `websocket_port`.
        mock_url: Where the local server is, ``PUSHER_MOCK_URL``: with mocks on, the SDKs
            themselves are pointed there, whatever the host, port and TLS of the real one.
            ``None`` when it does not count: with mocks off, and in memory. An active mock is in
            memory, unless `compat.override` has set the URL.
        mock_allowed_host: A host of `mock_url` that is not this machine and is meant.

    Raises:
        ConfigurationError: Something is missing or wrong; it lists all of it.
    """

    model_config = SettingsConfigDict(
        case_sensitive=True,
        env_file=(".env", ".env.local"),
        env_file_encoding="utf-8-sig",  # editors on Windows put a byte order mark in front
        env_ignore_empty=True,
        extra="forbid",  # applies to arguments; files are full of other programs' names
        frozen=True,
        hide_input_in_errors=True,  # pydantic quotes the input, here possibly the secret
        populate_by_name=True,
    )

    use_mocks: _StrictBool = Field(default=False, validation_alias=_names("use_mocks"))
    use_mocks_without_debug: _StrictBool = Field(
        default=False, validation_alias=_names("use_mocks_without_debug")
    )
    app_id: str = Field(default="", validation_alias=_names("app_id"), coerce_numbers_to_str=True)
    key: str = Field(default="", validation_alias=_names("key"))
    secret: SecretStr = Field(default=SecretStr(""), validation_alias=_names("secret"))
    cluster: str | None = Field(default=None, validation_alias=_names("cluster"))
    host: str | None = Field(default=None, validation_alias=_names("host"))
    port: int | None = Field(default=None, ge=1, le=_MAX_PORT, validation_alias=_names("port"))
    ssl: _StrictBool = Field(default=True, validation_alias=_names("ssl"))
    timeout: float = Field(
        default=_DEFAULT_TIMEOUT_S,
        gt=0,
        allow_inf_nan=False,
        validation_alias=_names("timeout"),
    )
    encryption_master_key_base64: SecretStr | None = Field(
        default=None, validation_alias=_names("encryption_master_key_base64")
    )
    auth_endpoint: str | None = Field(default=None, validation_alias=_names("auth_endpoint"))
    ws_host: str | None = Field(default=None, validation_alias=_names("ws_host"))
    ws_port: int | None = Field(
        default=None, ge=1, le=_MAX_PORT, validation_alias=_names("ws_port")
    )
    mock_url: str | None = Field(default=None, validation_alias=_names("mock_url"))
    mock_allowed_host: str | None = Field(
        default=None, validation_alias=_names("mock_allowed_host")
    )

    def __init__(self, **values: Any) -> None:
        """Read and check.

        Args:
            **values: Fields that beat every source; ``None`` or blank unsets one. Also what
                `BaseSettings` takes, such as ``_env_file=None`` to read no file.

        Raises:
            ConfigurationError: Something is missing or wrong.
        """
        try:
            super().__init__(**values)
        except UnicodeDecodeError:
            problem = ".env.local or .env is not UTF-8 text: save it as UTF-8"
            raise ConfigurationError(problems=(problem,)) from None

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Put `LayeredSource` in the place of the library's readers (called by the library).

        Args:
            settings_cls: This class.
            init_settings: The arguments.
            env_settings: The library's reader of the environment.
            dotenv_settings: The library's reader of the files.
            file_secret_settings: Not used.

        Returns:
            The arguments, then everything else.
        """
        assert isinstance(env_settings, EnvSettingsSource)
        assert isinstance(dotenv_settings, DotEnvSettingsSource)
        return init_settings, LayeredSource(settings_cls, env_settings, dotenv_settings)

    @model_validator(mode="wrap")
    @classmethod
    def _check(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        """Fill in what may be missing, and report everything that may not in one error."""
        if not isinstance(data, dict):
            return handler(data)
        findings: Findings = data.get(FINDINGS, Findings())
        values = _by_field(data)
        _name_the_cluster(values)
        problems = list(findings.problems)
        missing: tuple[str, ...] = ()
        is_set = "use_mocks" in values
        # Looked at once: another thread may deactivate its mock meanwhile.
        values.setdefault("use_mocks", mock_is_active())
        use_mocks = _position(values)
        if use_mocks:
            values = {**MOCK_DEFAULTS, **values}
            problems.extend(_point_to_server(values, findings))
        elif use_mocks is False:
            values.pop("mock_url", None)
            missing = tuple(name for name in REQUIRED if name not in values)
            if "app_id" in values and not _is_number(values["app_id"]):
                problems.append(f"{_label('app_id', values, findings)}: {_EXPECTED_APP_ID}")
        settings = None
        try:
            settings = handler(values)
        except ValidationError as error:
            problems.extend(_explain(error, values, findings))
        if settings is None or missing or problems:
            raise ConfigurationError(missing, tuple(problems), use_mocks)
        if not is_set:
            settings.model_fields_set.discard("use_mocks")
        return settings

    @property
    def in_memory(self) -> bool:
        """Whether doubles of this process stand in, rather than the SDKs."""
        return self.use_mocks and self.mock_url is None

    @property
    def websocket_host(self) -> str | None:
        """Host for the socket, or ``None`` to let the client derive it from the cluster.

        ``PUSHER_WS_HOST`` if set. Otherwise ``PUSHER_HOST``, because self-hosted servers answer
        both on one host and port; but not if that is one of Pusher's API hosts, which take no
        sockets.
        """
        if self.ws_host or self.host is None or _PUSHER_API_HOST.fullmatch(self.host):
            return self.ws_host
        return self.host

    @property
    def websocket_port(self) -> int:
        """Port for the socket.

        ``PUSHER_WS_PORT`` if set; otherwise ``PUSHER_PORT`` if the socket is on ``PUSHER_HOST``
        too; otherwise the scheme's: 443 with TLS, 80 without.
        """
        if self.ws_port is not None:
            return self.ws_port
        if self.port is not None and self.websocket_host == self.host is not None:
            return self.port
        return _TLS_PORT if self.ssl else _PLAIN_PORT


_FIELD_OF: Final = {
    name: field for field, spellings in SPELLINGS.items() for name in (field, *spellings)
}


def _by_field(data: dict[str, Any]) -> dict[str, Any]:
    """Return the values that are set, by field name; unknown names stay, to be refused.

    Releases of pydantic-settings differ in whether arguments arrive under the field's name or its
    first alias. `LayeredSource` uses the field's name, so an alias is an argument and wins.
    """
    known = {FINDINGS, *_FIELD_OF}
    values = {name: value for name, value in data.items() if name not in known}
    for field, spellings in SPELLINGS.items():
        value = next((data[name] for name in (*spellings, field) if name in data), None)
        if isinstance(value, SecretStr):
            value = value.get_secret_value()
        if isinstance(value, str):
            value = value.strip()
        if value is not None and value != "":
            values[field] = value
    return values


def _name_the_cluster(values: dict[str, Any]) -> None:
    """Take the cluster from a host like ``api-eu.pusher.com``: the socket's host follows it."""
    host = values.get("host")
    if "cluster" not in values and isinstance(host, str):
        match = _PUSHER_API_HOST.fullmatch(host)
        if match and match["cluster"]:
            values["cluster"] = match["cluster"]


def _point_to_server(values: dict[str, Any], findings: Findings) -> list[str]:
    """Let a local server take the place of the real one, if one is named and counts.

    Returns:
        What is wrong.
    """
    url = values.get("mock_url")
    if url is None:
        return []
    if mock_is_active() and findings.hits.get("mock_url", (None,))[0] == url:
        # A test has made a mock of its own: a developer's variable must not lead around it.
        values["mock_url"] = None
        return []
    problems = []
    try:
        values.update(parse_mock_url(str(url), values.get("mock_allowed_host")).fields)
    except ValueError as error:
        problems.append(f"{_label('mock_url', values, findings)}: {error}")
    if values["app_id"] == MOCK_DEFAULTS["app_id"]:
        values["app_id"] = NUMERIC_APP_ID
    elif not _is_number(values["app_id"]):
        problems.append(
            f"{_label('app_id', values, findings)}: with PUSHER_MOCK_URL the SDK itself is used, "
            "and it only takes numeric app ids (digits, nothing else)"
        )
    return problems


def _position(values: dict[str, Any]) -> bool | None:
    """Return where the switch stands, ``None`` if its value is no boolean."""
    try:
        return _boolean(values["use_mocks"])
    except ValueError:
        return None


def _is_number(app_id: object) -> bool:
    """Return whether the SDK takes this app id (it would say "Invalid app id", facts 5.1)."""
    text = str(app_id)
    return text.isascii() and text.isdigit()


def _label(field: str, values: dict[str, Any], findings: Findings) -> str:
    """Return the name and place of a value: the user looks for it there."""
    value, name, place = findings.hits.get(field, (None, field, ""))
    if value != values.get(field):  # an argument beat what the source found
        return field
    return f"{name} ({place})"


def _explain(error: ValidationError, values: dict[str, Any], findings: Findings) -> list[str]:
    """Return one sentence for each of pydantic's findings, without the input it quotes."""
    sentences = []
    for detail in error.errors(include_url=False, include_context=False, include_input=False):
        name = str(detail["loc"][0])
        field = _FIELD_OF.get(name, name)
        label = _label(field, values, findings)
        if field == "use_mocks":  # no secret, and a stray quote or comment shows only this way
            label += f" is {values[field]!r}"
        sentences.append(f"{label}: {_EXPECTED.get(field, detail['msg'])}")
    return sentences
