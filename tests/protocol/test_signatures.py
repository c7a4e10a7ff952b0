"""The test vectors of facts 7, and the texts that are signed."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pusher_mock.protocol.signatures import (
    EMPTY_MD5,
    body_md5,
    channel_text,
    same,
    sign,
    signed_parameters,
    signed_query,
    user_text,
)

KEY = "278d425bdf160c739803"
SECRET = "7ad3773142a6692b25b8"
ANY_TEXT = st.text(st.characters())  # half surrogate pairs included
AUTH = [("auth_key", KEY), ("auth_timestamp", "1353088179"), ("auth_version", "1.0")]
EVENT_BODY = b'{"name":"foo","channels":["project-3"],"data":"{\\"some\\":\\"data\\"}"}'
MEMBER = '{{"user_id":10,"user_info":{{"name":"{}"}}}}'

# facts 7: what is signed, and its signature
VECTORS = {
    "private": (
        channel_text("1234.1234", "private-foobar"),
        "58df8b0c36d6982b82c3ecf6b4662e34fe8c25bba48f5369f135bf843651c3a4",
    ),
    "presence": (
        channel_text("1234.1234", "presence-foobar", MEMBER.format("Mr. Channels")),
        "31935e7d86dba64c2a90aed31fdc61869f9b22ba9d8863bba239c03ca481bc80",
    ),
    "presence, old docs": (
        channel_text("1234.1234", "presence-foobar", MEMBER.format("Mr. Pusher")),
        "afaed3695da2ffd16931f457e338e6c9f2921fa133ce7dac49f529792be6304c",
    ),
    "user": (
        user_text("1234.1234", '{"id":"12345"}'),
        "4708d583dada6a56435fb8bc611c77c359a31eebde13337c16ab43aa6de336ba",
    ),
    "POST event": (
        "POST\n/apps/3/events\n"
        + signed_query([*AUTH, ("body_md5", "ec365a775a4cd0599faeb73354201b6f")]),
        "da454824c97ba181a32ccc17a72625ba02771f50b50e1e7430e47a1f3f457e6c",
    ),
    "GET channels": (
        "GET\n/apps/3/channels\n"
        + signed_query(
            [
                ("info", "user_count"),
                ("filter_by_prefix", "presence-"),
                ("body_md5", EMPTY_MD5),
                *AUTH,
            ]
        ),
        "f3f17c61ae491cc9085db68b22076e9b772e3bcb301659d655153ee3f9782aba",
    ),
    "webhook": (
        b'{"time_ms":1327078148132,"events":[{"name":"channel_occupied","channel":"my-channel"}]}',
        "c19001ae3963ccb13bf618e5b16ba9848e7e74df0993aa0689168e341c6833cf",
    ),
}


@pytest.mark.parametrize(("signed", "signature"), VECTORS.values(), ids=list(VECTORS))
def test_vectors(signed: str | bytes, signature: str):
    assert sign(SECRET, signed) == signature


def test_body_md5():
    # facts 7, 2.4.4
    assert body_md5(EVENT_BODY) == "ec365a775a4cd0599faeb73354201b6f"
    assert body_md5(b"") == EMPTY_MD5 == "d41d8cd98f00b204e9800998ecf8427e"


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ([], ""),
        ([("b", "2"), ("a", "1")], "a=1&b=2"),
        ([("B", "2"), ("a", "1")], "a=1&b=2"),  # facts 2.4.2: lower case, then sorted
        ([("a", "1"), ("auth_signature", "x"), ("Auth_Signature", "y")], "a=1"),
        ([("a", "1&2=3 é/%20")], "a=1&2=3 é/%20"),  # facts 2.4.2: values are not escaped
        ([("channels[]", "b"), ("channels[]", "a")], "channels[]=b&channels[]=a"),  # facts 2.4.7
        ([("ab", "1"), ("a", "2")], "a=2&ab=1"),
    ],
)
def test_signed_query(pairs: list[tuple[str, str]], expected: str):
    assert signed_query(pairs) == expected


@pytest.mark.parametrize("length", [0, 1, 63, 64, 65, 200])
def test_a_secret_may_have_any_length(length: int):
    # RFC 2104: beyond a block of 64 bytes the key is hashed first
    secret = "é" * (length // 2) + "x" * (length % 2)
    expected = hmac.new(secret.encode(), b"text", hashlib.sha256).hexdigest()
    assert sign(secret, "text") == expected


@pytest.mark.parametrize(
    "parameters",
    [
        {**dict(AUTH), "body_md5": EMPTY_MD5, "auth_signature": "x"},  # what an SDK sends
        {**dict(AUTH), "auth_signature": "x", "body_md5": "", "info": "a"},
        {**dict(AUTH), "auth_signature": "x", "info": "a"},
        {**dict(AUTH), "auth_signature": "x"},
        {**dict(AUTH), "body_md5": "", "info": "a"},
        {},
    ],
)
def test_parameters_are_signed_like_a_query(parameters: dict[str, str]):
    # facts 2.4.2
    before = dict(parameters)
    assert signed_parameters(parameters) == signed_query(list(parameters.items()))
    assert parameters == before


NAMES = st.sampled_from(["auth_key", "auth_signature", "auth_timestamp", "info"]) | ANY_TEXT


@given(st.dictionaries(NAMES.map(str.lower), ANY_TEXT))
def test_the_short_cut_signs_the_same(parameters: dict[str, str]):
    # facts 2.4.2
    before = dict(parameters)
    # Lower-casing twice may differ from once outside of ASCII, and such names are signed as given.
    pairs = [pair for pair in parameters.items() if pair[0] == pair[0].lower()]
    assert signed_parameters(dict(pairs)) == signed_query(pairs)
    assert parameters == before


FIVE = ["auth_key", "auth_timestamp", "auth_version", "body_md5", "auth_signature"]


@pytest.mark.parametrize("dropped", [None, *FIVE])
@given(values=st.lists(ANY_TEXT, min_size=5, max_size=5))
def test_the_five_of_an_sdk_sign_the_same(dropped: str | None, values: list[str]):
    # In any order, and with another parameter in the place of one of them.
    names = ["info" if name == dropped else name for name in FIVE]
    pairs = list(zip(reversed(names), values, strict=True))
    assert signed_parameters(dict(pairs)) == signed_query(pairs)


@given(ANY_TEXT, ANY_TEXT)
def test_any_text_can_be_signed_and_compared(secret: str, text: str):
    signature = sign(secret, text)
    assert same(signature, signature)
    assert same(signature, text) == (signature == text)


@given(st.text() | st.text(min_size=60, max_size=70), st.text())
def test_it_is_hmac_sha256_in_lower_case_hex(secret: str, text: str):
    # facts 2.4.3
    expected = hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
    assert sign(secret, text) == sign(secret, text.encode()) == expected
