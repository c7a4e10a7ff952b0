"""What lies between a mock and everybody else: conditions, faults, queues, counts."""

from __future__ import annotations

from .applied import Applied
from .conditions import NetworkConditions
from .latencies import Normal, Percentiles, Uniform
from .meters import Metrics
from .network import Network
from .profiles import PROFILES, Profile
from .records import Arrived, Delivered, DeliveryNote, Injected, Lost, Weathered

__all__ = [
    "PROFILES",
    "Applied",
    "Arrived",
    "Delivered",
    "DeliveryNote",
    "Injected",
    "Lost",
    "Metrics",
    "Network",
    "NetworkConditions",
    "Normal",
    "Percentiles",
    "Profile",
    "Uniform",
    "Weathered",
]
