"""Acknowledgements with a time-out and redelivery."""

from __future__ import annotations

import pytest

from pusher_mock import NetworkConditions, UsageError
from pusher_mock.network import Profile
from pusher_mock.simulate import acks

MUTE = Profile("mute", "nothing comes back", (("send", NetworkConditions(drop_rate=1)),))


def test_everybody_acknowledges_at_once():
    result = acks(5, network="perfect")
    assert (result.acked_count, result.pending_ack_count, result.timeout_count) == (5, 0, 0)
    assert (result.redelivery_required, result.redelivered_count) == (0, 0)
    assert (result.final_delivery_rate, result.total_time_ms) == (100, 0)
    assert str(result) == "Delivery guarantee: 100.00% achieved with 0 retries"


def test_a_lost_event_is_delivered_again():
    result = acks(5, network="drop_rate=1", redelivery_ack_loss=0)
    assert (result.received_count, result.acked_count, result.timeout_count) == (0, 0, 10)
    assert result.redelivery_required == 5


def test_lost_acknowledgements_come_after_the_redelivery():
    result = acks(5, network=MUTE, redelivery_ack_loss=0)
    assert (result.received_count, result.acked_count) == (5, 5)
    assert (result.timeout_count, result.redelivery_required) == (5, 5)
    assert (result.redelivered_count, result.pending_ack_count) == (5, 0)
    assert result.total_time_ms == 30_000


def test_somebody_never_acknowledges():
    result = acks(3, network=MUTE, redelivery_ack_loss=1, redeliveries=3, ack_timeout_ms=1_000)
    assert (result.acked_count, result.pending_ack_count) == (0, 3)
    assert (result.timeout_count, result.redelivery_required) == (12, 9)
    assert (result.final_delivery_rate, result.total_time_ms) == (0, 4_000)


def test_a_copy_is_acknowledged_and_counted_once():
    result = acks(3, network="duplicate_rate=1")
    assert (result.acked_count, result.received_count) == (3, 3)


def test_without_redelivery():
    result = acks(3, network=MUTE, redeliveries=0)
    assert (result.redelivery_required, result.timeout_count) == (0, 3)


def test_realtime_events():
    result = acks(100)
    assert result == acks(100)
    assert result.acked_count + result.pending_ack_count == 100
    assert result.redelivered_count <= result.redelivery_required < 30
    assert result.final_delivery_rate >= 95
    assert 30_000 < result.total_time_ms <= 60_000


def test_numbers_are_checked():
    with pytest.raises(UsageError, match="drop_rate takes a share from 0 to 1"):
        acks(redelivery_ack_loss=2)
    with pytest.raises(UsageError, match="clients takes"):
        acks(0)
