"""`with_mock_broker`: a mock broker for the length of a block, a call, or a test."""

from __future__ import annotations

import functools
import inspect
from typing import TYPE_CHECKING, Any, Final, overload

from compat.broker.mock import MockBroker, create_mock_broker

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from compat.broker.config import MockBrokerConfig

__all__ = ["WithMockBroker", "with_mock_broker"]

_PARAMETER: Final = "broker"


class WithMockBroker:
    """What `with_mock_broker(config)` returns: a context manager, and a decorator."""

    def __init__(self, config: MockBrokerConfig | None, fields: dict[str, Any]) -> None:
        """Keep what each broker is to be like.

        Args:
            config: As for `create_mock_broker`.
            fields: Likewise.
        """
        self._config = config
        self._fields = fields
        self._entered: list[MockBroker] = []

    def __enter__(self) -> MockBroker:
        """Return a new broker, whose mock is the current one."""
        broker = create_mock_broker(self._config, **self._fields)
        self._entered.append(broker)
        return broker.__enter__()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close it, and raise what a handler has raised, unless the block itself has."""
        broker = self._entered.pop()
        broker.__exit__(kind, error, traceback)
        if kind is None:
            broker.mock.raise_errors()

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Decorate a function or coroutine function; each call has a broker of its own.

        Args:
            function: It is given the broker as the keyword argument ``broker`` if it has a
                parameter of that name.
        """
        signature = inspect.signature(function)
        takes = _PARAMETER in signature.parameters
        wrapper: Callable[..., Any]
        if inspect.iscoroutinefunction(function):

            async def wrapper(*args: Any, **kwargs: Any) -> Any:
                with self as broker:
                    return await function(*args, **kwargs, **_given(broker, takes))
        else:

            def wrapper(*args: Any, **kwargs: Any) -> Any:
                with self as broker:
                    return function(*args, **kwargs, **_given(broker, takes))

        decorated: Any = functools.update_wrapper(wrapper, function)
        # pytest looks for a fixture of each parameter's name.
        others = [one for name, one in signature.parameters.items() if name != _PARAMETER]
        decorated.__signature__ = signature.replace(parameters=others)
        return decorated  # type: ignore[no-any-return]


def _given(broker: MockBroker, takes: bool) -> dict[str, MockBroker]:
    return {_PARAMETER: broker} if takes else {}


@overload
def with_mock_broker(
    config: MockBrokerConfig | None = None, function: None = None, **fields: Any
) -> WithMockBroker: ...


@overload
def with_mock_broker(
    config: MockBrokerConfig | None, function: Callable[[MockBroker], Any], **fields: Any
) -> Any: ...


def with_mock_broker(
    config: MockBrokerConfig | None = None,
    function: Callable[[MockBroker], Any] | None = None,
    **fields: Any,
) -> Any:
    """Have a mock broker for a while: set up, made the current one, and closed.

    ``with with_mock_broker(config) as broker: …``, ``@with_mock_broker(latency_ms=10)``, or
    ``with_mock_broker(config, function)``, which calls the function with the broker. At the end it
    raises what a handler has raised.

    Args:
        config: As for `create_mock_broker`.
        function: Called with the broker at once.
        **fields: Fields of `MockBrokerConfig` in place of one.

    Returns:
        A context manager that is a decorator as well; with a function, what that returns, which for
        a coroutine function is to be awaited.

    Raises:
        BrokerError: There are both a config and fields, or there is no such field.
        UsageError: A number is out of range.
        Exception: What a handler has raised.
    """
    around = WithMockBroker(config, fields)
    if function is None:
        return around
    if inspect.iscoroutinefunction(function):

        async def run() -> Any:
            with around as broker:
                return await function(broker)

        return run()
    with around as broker:
        return function(broker)
