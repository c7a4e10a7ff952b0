"""Any weather against counts of our own. ``PUSHER_MOCK_LONG=1`` takes longer.

Short: a part of every run of the suite. Long: 5,000 lives of 60 steps.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

from .machine_rules import NetworkMachine

_LONG = os.environ.get("PUSHER_MOCK_LONG") == "1"

TestNetwork = NetworkMachine.TestCase
TestNetwork.settings = settings(
    max_examples=5_000 if _LONG else 200,
    stateful_step_count=60 if _LONG else 40,
    deadline=None,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
)
