from typing import Any

from pusher.client import Client
from pusher.http import Request
from pusher.http import process_response as process_response

class AsyncIOBackend:
    client: Client

    def __init__(self, client: Client) -> None: ...
    async def send_request(self, request: Request) -> Any: ...
