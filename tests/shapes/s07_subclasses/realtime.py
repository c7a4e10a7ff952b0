"""The SDK, but requests are signed at the true time: Pusher does not travel."""

import hashlib
from typing import Any

from pusher import Pusher
from pusher.http import POST, Request, make_query_string, request_method
from pusher.pusher_client import PusherClient
from pusher.signature import sign
from pusher.util import data_to_string

from . import timeshift


class RealTimeRequest(Request):
    """A request with a timestamp that Pusher accepts."""

    def _generate_auth(self) -> None:
        self.body_md5 = hashlib.md5(self.body).hexdigest()
        self.query_params.update(
            auth_key=self.client.key,
            body_md5=self.body_md5,
            auth_version="1.0",
            auth_timestamp=f"{timeshift.true_time():.0f}",
        )
        text = "\n".join([self.method, self.path, make_query_string(self.query_params)])
        self.query_params["auth_signature"] = sign(self.client.secret, text)


class RealTimeClient(PusherClient):
    """Builds those requests."""

    @request_method
    def trigger(self, channels: Any, event_name: Any, data: Any, socket_id: Any = None) -> Request:
        params = {"name": event_name, "channels": channels, "data": data_to_string(data, None)}
        return RealTimeRequest(self, POST, f"/apps/{self.app_id}/events", params)


class RealTimePusher(Pusher):
    """A client whose requests are those."""

    def __init__(self, app_id: str, key: str, secret: str) -> None:
        super().__init__(app_id, key, secret)
        self._pusher_client = RealTimeClient(app_id, key, secret)
