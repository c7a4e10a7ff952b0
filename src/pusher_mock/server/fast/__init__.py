"""The fast path: WebSockets and the hot part of the HTTP API past ASGI, for uvicorn."""
