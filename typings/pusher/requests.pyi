from typing import Any

import requests
from pusher.client import Client
from pusher.http import Request
from pusher.http import process_response as process_response

CERT_PATH: str

class RequestsBackend:
    client: Client
    options: dict[str, Any]
    session: requests.Session

    def __init__(self, client: Client, **options: Any) -> None: ...
    def send_request(self, request: Request) -> Any: ...
