from typing import Any

from pusher.client import Client
from pusher.http import Request
from pusher.http import process_response as process_response

class GAEBackend:
    client: Client
    options: dict[str, Any]

    def __init__(self, client: Client, **options: Any) -> None: ...
    def send_request(self, request: Request) -> Any: ...
