"""The simulations by name, with the parameters that a command line can give them."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .figures import Outcome

__all__ = ["SIMULATIONS", "Parameter", "Simulation"]

_TYPES: Final[Mapping[str, type]] = {"int": int, "float": float, "str": str}
_COMMON: Final = ("seed", "network", "progress")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a simulation.

    Attributes:
        name: as the function has it.
        kind: ``int``, ``float`` or ``str``.
        default: what it is otherwise.
        help: what its docstring says.
    """

    name: str
    kind: type
    default: Any
    help: str


@dataclass(frozen=True, slots=True)
class Simulation:
    """One simulation; its module is imported when it is asked for more than its name.

    Attributes:
        name: how it is asked for.
        about: what it is, in a few words.
        module: where its function is.
    """

    name: str
    about: str
    module: str

    @property
    def function(self) -> Callable[..., Outcome]:
        """What runs it; everything is given by keyword."""
        found: Callable[..., Outcome] = getattr(
            import_module(f"pusher_mock.simulate.{self.module}"), self.name
        )
        return found

    @property
    def network(self) -> str | None:
        """The weather that it runs under by default; ``None`` if it makes its own."""
        given = inspect.signature(self.function).parameters.get("network")
        return None if given is None else str(given.default)

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """Its own parameters that are a number or a text."""
        said = _said(inspect.getdoc(self.function) or "")
        found = []
        for one in inspect.signature(self.function).parameters.values():
            kind = _TYPES.get(str(one.annotation).split(" |")[0])
            if kind is not None and one.name not in _COMMON:
                found.append(Parameter(one.name, kind, one.default, said.get(one.name, "")))
        return tuple(found)


def _said(text: str) -> dict[str, str]:
    """What a docstring says about each argument."""
    found: dict[str, list[str]] = {}
    name = ""
    for line in text.partition("\nArgs:\n")[2].partition("\n\n")[0].splitlines():
        depth = len(line) - len(line.lstrip())
        if depth == 4:
            name, _, line = line.strip().partition(": ")
        found.setdefault(name, []).append(line.strip().replace("``", ""))
    return {one: " ".join(lines) for one, lines in found.items()}


def _named(*all_: Simulation) -> dict[str, Simulation]:
    return {one.name: one for one in all_}


#: In the order in which ``pusher-mock simulate all`` runs them.
SIMULATIONS: Final[Mapping[str, Simulation]] = _named(
    Simulation("broadcast", "Events to many clients, with receipts.", "receipts"),
    Simulation("subscription", "A subscription, and its confirmation.", "subscribing"),
    Simulation("lifecycle", "Connections that break, fall silent and come back.", "lifecycles"),
    Simulation("filters", "An event matched to the filters of subscriptions.", "filtering"),
    Simulation("acks", "Acknowledgements with a time-out and redelivery.", "acknowledging"),
    Simulation("ordering", "The order in which numbered events arrive.", "sequences"),
    Simulation("reconnection", "Reconnection, and recovery from the history.", "recovery"),
    Simulation("heartbeat", "Pings and their answers, with a health score.", "heartbeats"),
    Simulation("throughput", "Many events a second, with percentiles of latency.", "volume"),
    Simulation("memory", "Memory of connections and pending events, measured.", "footprint"),
    Simulation("endurance", "Many connections for a long time, with loss.", "longrun"),
)
