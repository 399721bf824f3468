"""What goes between a desk and a market that is served to it: text frames of strict JSON over a WebSocket.

Events go as `codec.encode` writes them.  Everything else says in `message` what it is::

    desk to market   hello {version, name, token, known}, then Ordered, CancelAsked, StatusAsked; `known` are the
                     orders and the fills that it knows of, two numbers, and may be left out
    market to desk   welcome {version, session, market, told, speed, time, spot, quoted, mid, venues, options,
                     numbers, volatility, account}: at `quoted` it was last, and the desk sells the book that is
                     left then at `mid`; then what is quoted, what becomes of its orders, board {time, desks},
                     and error {reason} wherever something was wrong with what the desk sent
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from hedgelab.desk.codec import decode
from hedgelab.validation import refusal

VERSION = 1

#: Bytes of a frame that a market reads: an order takes two hundred.
LARGEST = 4096

#: The code with which the connection of a desk ends that has come with another.
REPLACED = 4001

#: What a desk, and an order, may be called.
NAME = re.compile(r"[A-Za-z0-9_-]{1,24}")
ORDER = re.compile(r"[A-Za-z0-9_.-]{1,40}")


def message(kind: str, **content: Any) -> str:
    """A message that is no event.

    Examples
    --------
    >>> message("error", reason="no such venue")
    '{"message":"error","reason":"no such venue"}'
    """
    return json.dumps({"message": kind, **content}, allow_nan=False, separators=(",", ":"))


def read(frame: str | bytes, kind: str | None = None) -> Any:
    """What a frame holds: an event, or the content of a message; if `kind` is given, of one of that kind.

    Raises
    ------
    ValueError
        Where it is neither, or another one.

    Examples
    --------
    >>> read('{"message":"error","reason":"no such venue"}', "error")
    {'message': 'error', 'reason': 'no such venue'}
    >>> read('{"event":"Acknowledged","time":0.1,"venue":"A","order":"1-17"}')
    Acknowledged(time=0.1, venue='A', order='1-17')
    >>> read("{}", "hello")
    Traceback (most recent call last):
    ValueError: a frame must be a hello, got '{}'
    """
    if not isinstance(frame, str):
        raise refusal("a frame must be text", frame)
    try:
        content = json.loads(frame)
    except (ValueError, RecursionError):
        raise refusal("a frame must be strict JSON", frame) from None
    found = content.get("message") if isinstance(content, dict) else None
    if kind is not None and found != kind:
        raise refusal(f"a frame must be a {kind}", frame)
    return decode(frame) if found is None else content


def named(content: Mapping[str, Any]) -> tuple[str, str]:
    """The name and the token of a hello.

    Examples
    --------
    >>> named({"version": 1, "name": "Ada", "token": "correct horse"})
    ('Ada', 'correct horse')
    """
    version, name, token = (content.get(each) for each in ("version", "name", "token"))
    if version != VERSION:
        raise refusal(f"version must be {VERSION}, what this market speaks", version)
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise refusal("name must be 1 to 24 of the letters A-Z a-z 0-9 _ -", name)
    if not isinstance(token, str) or not 8 <= len(token) <= 200:
        raise ValueError("token must be a text of 8 to 200 letters, a secret of your own choosing")
    return name, token


def known(content: Mapping[str, Any]) -> tuple[int, int] | None:
    """How many orders and fills a hello says that its desk knows of; None where it does not say.

    Examples
    --------
    >>> known({"known": [3, 2]}), known({})
    ((3, 2), None)
    """
    told = content.get("known")
    if told is None:
        return None
    if not isinstance(told, list) or [type(each) for each in told] != [int, int] or min(told) < 0:
        raise refusal("known must be two whole numbers, of orders and of fills", told)
    return told[0], told[1]
