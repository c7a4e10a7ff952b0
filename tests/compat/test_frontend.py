"""What the page may know."""

import pytest

from compat import ConfigurationError, frontend_config, override


@pytest.mark.usefixtures("real")
def test_key_and_cluster_and_nothing_else():
    assert frontend_config() == {"key": "real-key", "cluster": "eu"}


@pytest.mark.usefixtures("mocks_on")
def test_mock_values():
    assert frontend_config() == {"key": "mock-pusher-key", "cluster": "mock-cluster"}


@pytest.mark.usefixtures("real")
def test_evaluated_at_each_call():
    with override(key="other"):
        assert frontend_config()["key"] == "other"
    assert frontend_config()["key"] == "real-key"


@pytest.mark.usefixtures("real")
def test_pusher_js_needs_a_cluster():
    with override(cluster=None):
        assert frontend_config()["cluster"] == "mt1"


def test_incomplete():
    with pytest.raises(ConfigurationError):
        frontend_config()
