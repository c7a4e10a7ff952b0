"""Simulations of what goes wrong in real-time code: real frames on a mock, on a virtual clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .acknowledging import DeliveryResult, acks
    from .charts import Chart
    from .figures import Figure, Outcome
    from .filtering import EventFilter, FilterResult, Subscription, filters
    from .footprint import MemoryResult, memory
    from .heartbeats import HeartbeatResult, heartbeat
    from .lifecycles import LifecycleResult, lifecycle
    from .longrun import EnduranceResult, endurance
    from .pages import report
    from .receipts import BroadcastResult, broadcast
    from .recovery import ReconnectionResult, reconnection
    from .registry import SIMULATIONS, Simulation
    from .sequences import Ordering, OrderingResult, check_order, ordering
    from .subscribing import SubscriptionResult, subscription
    from .targets import BenchmarkRow, benchmark
    from .volume import ThroughputResult, throughput

__all__ = [
    "SIMULATIONS",
    "BenchmarkRow",
    "BroadcastResult",
    "Chart",
    "DeliveryResult",
    "EnduranceResult",
    "EventFilter",
    "Figure",
    "FilterResult",
    "HeartbeatResult",
    "LifecycleResult",
    "MemoryResult",
    "Ordering",
    "OrderingResult",
    "Outcome",
    "ReconnectionResult",
    "Simulation",
    "Subscription",
    "SubscriptionResult",
    "ThroughputResult",
    "acks",
    "benchmark",
    "broadcast",
    "check_order",
    "endurance",
    "filters",
    "heartbeat",
    "lifecycle",
    "memory",
    "ordering",
    "reconnection",
    "report",
    "subscription",
    "throughput",
]

# Imported when first used, and each simulation by itself.
_HOMES = {
    "acknowledging": ("DeliveryResult", "acks"),
    "charts": ("Chart",),
    "figures": ("Figure", "Outcome"),
    "filtering": ("EventFilter", "FilterResult", "Subscription", "filters"),
    "footprint": ("MemoryResult", "memory"),
    "heartbeats": ("HeartbeatResult", "heartbeat"),
    "lifecycles": ("LifecycleResult", "lifecycle"),
    "longrun": ("EnduranceResult", "endurance"),
    "pages": ("report",),
    "receipts": ("BroadcastResult", "broadcast"),
    "recovery": ("ReconnectionResult", "reconnection"),
    "registry": ("SIMULATIONS", "Simulation"),
    "sequences": ("Ordering", "OrderingResult", "check_order", "ordering"),
    "subscribing": ("SubscriptionResult", "subscription"),
    "targets": ("BenchmarkRow", "benchmark"),
    "volume": ("ThroughputResult", "throughput"),
}
_MODULES = {name: module for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
