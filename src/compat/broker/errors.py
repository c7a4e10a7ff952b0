"""The errors of the broker client."""

__all__ = ["BrokerDisconnected", "BrokerError", "InvalidMessage", "InvalidTopic"]


class BrokerError(Exception):
    """Base of the errors that a broker client raises on its own account.

    Refusals are the SDK's: `pusher.errors.PusherBadAuth` and so on come through as they are.
    """


class InvalidTopic(BrokerError, ValueError):
    """The name of a topic is none that Pusher takes; the text says which ones it does."""


class InvalidMessage(BrokerError, ValueError):
    """A message cannot be sent as it is, or what came is none; the text says why."""


class BrokerDisconnected(BrokerError, ConnectionError):
    """There is no way to the broker: it cannot be reached, or the client is closed."""
