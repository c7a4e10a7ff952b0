"""The engine against the model, with random inputs. ``PUSHER_MOCK_LONG=1`` takes longer.

Short: a part of every run of the suite. Long: 2,000 lives of 50 steps.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

from .machine_rules import EngineMachine

_LONG = os.environ.get("PUSHER_MOCK_LONG") == "1"

TestEngine = EngineMachine.TestCase
TestEngine.settings = settings(
    max_examples=2_000 if _LONG else 150,
    stateful_step_count=50 if _LONG else 30,
    deadline=None,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
)
