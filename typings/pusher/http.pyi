from collections.abc import Callable, Mapping
from typing import Any, Concatenate, Final, Generic, TypeVar, overload, type_check_only

from pusher.client import Client
from pusher.errors import *
from pusher.signature import sign as sign
from pusher.util import doc_string as doc_string
from pusher.version import VERSION as VERSION
from typing_extensions import ParamSpec

_ClientT = TypeVar("_ClientT", bound=Client)
_P = ParamSpec("_P", default=...)

GET: Final = "GET"
POST: Final = "POST"
PUT: Final = "PUT"
DELETE: Final = "DELETE"

class RequestMethod(Generic[_P]):
    client: Client
    # Takes the client first, then what the method takes, and builds the signed request.
    f: Callable[..., Request]

    def __init__(self, client: Client, f: Callable[..., Request]) -> None: ...
    def __call__(self, *args: _P.args, **kwargs: _P.kwargs) -> Any: ...
    def make_request(self, *args: _P.args, **kwargs: _P.kwargs) -> Request: ...

@type_check_only
class _RequestProperty(Generic[_ClientT, _P]):
    """The property that `request_method` returns, with the parameters it hides kept."""

    fget: Callable[[Any], RequestMethod[_P]]
    @overload
    def __get__(self, instance: None, owner: type[Any]) -> _RequestProperty[_ClientT, _P]: ...
    @overload
    def __get__(self, instance: _ClientT, owner: type[Any]) -> RequestMethod[_P]: ...

def request_method(
    f: Callable[Concatenate[_ClientT, _P], Request],
) -> _RequestProperty[_ClientT, _P]: ...
def make_query_string(params: Mapping[str, str]) -> str: ...
def process_response(status: int, body: str | bytes) -> Any: ...

class Request:
    client: Client
    method: str
    path: str
    params: dict[str, Any]
    body: bytes
    body_md5: str
    query_params: dict[str, str]

    def __init__(
        self, client: Client, method: str, path: str, params: dict[str, Any] | None = None
    ) -> None: ...
    def _generate_auth(self) -> None: ...
    @property
    def query_string(self) -> str: ...
    @property
    def signed_path(self) -> str: ...
    @property
    def url(self) -> str: ...
    @property
    def base_url(self) -> str: ...
    @property
    def headers(self) -> dict[str, str]: ...
