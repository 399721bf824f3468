"""What crosses the wall: frames of bounded length, each a JSON header and raw numbers.  No pickle, no eval.

A frame is the lengths of its two parts (four bytes each), the header, the numbers.  The worker inside uses this
file too, but nothing depends on its keeping to it: what comes out is read as if an enemy had written it.
"""

from __future__ import annotations

import json
import math
import os
import select
import struct
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np

from coursework.compare import MOST_BYTES, MOST_KEY

MOST_NUMBERS, MOST_VALUES, MOST_DEPTH = 64 << 20, 300_000, 12
#: How much there may be to read in a header, its bytes and sixteen more for each value, as these cost the most; in
#: one that holds no values; in all that a submission says.
MOST_HEADER, SHORT, MOST_SAID = 8 << 20, 8 << 10, 128 << 20
CODES = {"f": "<f8", "i": "<i8", "u": "<u8", "b": "|u1", "c": "<c16"}
FOREVER = math.inf
#: How often, in seconds, the threads at the other end are counted.
EVERY = 0.05


class Broken(Exception):
    """The other end is of no use any more."""


class Violation(Broken):
    """It does not keep to the rules of the wire."""


class Silence(Broken):
    """It did not answer in time."""


class Gone(Broken):
    """It is no more."""


class Pipe:
    """Two descriptors: one to read frames from, one to write them to."""

    def __init__(self, reading: int, writing: int, crowded: Callable[[], bool] = lambda: False) -> None:
        self.reading, self.writing, self.crowded = reading, writing, crowded
        self.counted, self.said = time.monotonic(), 0
        os.set_blocking(writing, False)
        self.buffer = bytearray()

    def send(self, header: dict[str, Any], numbers: bytes = b"", deadline: float = FOREVER) -> None:
        """Write one frame."""
        text = json.dumps(header).encode()
        rest = memoryview(struct.pack(">II", len(text), len(numbers)) + text + numbers)
        while rest:
            self.wait([], [self.writing], deadline)
            try:
                rest = rest[os.write(self.writing, rest[: 1 << 16]) :]
            except BlockingIOError:
                continue
            except BrokenPipeError:
                raise Gone from None

    def receive(self, deadline: float = FOREVER, most: int = MOST_HEADER) -> tuple[dict[str, Any], bytes]:
        """Read one frame, however many bytes the other end would like to send.

        Stops a header of millions of brackets: while it is read nobody else is marked.
        """
        lengths = self.take(8, deadline)
        header_length, numbers_length = struct.unpack(">II", lengths)
        if header_length > most or numbers_length > MOST_NUMBERS:
            raise Violation("a frame too long")
        text, numbers = self.take(header_length, deadline), self.take(numbers_length, deadline)
        to_read = len(text) + 16 * sum(map(text.count, b"[{,"))
        self.said += to_read
        if to_read > most:
            raise Violation("a header too long to read")
        try:
            header = json.loads(text.decode())
        except (ValueError, RecursionError):
            raise Violation("a header that is no JSON") from None
        if type(header) is not dict:
            raise Violation("a header that is no object")
        return header, numbers

    def take(self, length: int, deadline: float) -> bytes:
        """The next bytes, in time."""
        while len(self.buffer) < length:
            self.wait([self.reading], [], deadline)
            part = os.read(self.reading, 1 << 20)
            if not part:
                raise Gone
            self.buffer += part
        taken = bytes(self.buffer[:length])
        del self.buffer[:length]
        return taken

    def wait(self, reading: list[int], writing: list[int], deadline: float) -> None:
        """Until a descriptor is ready, and never longer: one who sends a byte a second is silent too."""
        ready = False
        while not ready:
            if (now := time.monotonic()) >= deadline:
                raise Silence
            if now > self.counted + EVERY:
                self.counted = now
                if self.crowded():
                    raise Gone
            ready = any(select.select(reading, writing, [], min(deadline - now, EVERY)))


def encoded(value: Any) -> tuple[Any, bytes]:
    """A plain value as JSON and raw numbers; a namespace of values too, which goes in and never comes out."""
    parts: list[bytes] = []
    length = 0

    def go(value: Any) -> Any:
        nonlocal length
        if isinstance(value, np.ndarray):
            code = CODES[value.dtype.kind]
            parts.append(np.ascontiguousarray(value, dtype=code).tobytes())
            length += len(parts[-1])
            return {"array": [value.dtype.kind, list(value.shape), length - len(parts[-1])]}
        if isinstance(value, np.generic):
            return go(value.item())
        if isinstance(value, SimpleNamespace):
            return {"namespace": [[name, go(item)] for name, item in vars(value).items()]}
        if isinstance(value, complex):
            return {"complex": [value.real, value.imag]}
        if isinstance(value, dict):
            return {"dict": [[key, go(item)] for key, item in value.items()]}
        return [go(item) for item in value] if isinstance(value, (list, tuple)) else value

    return go(value), b"".join(parts)


def decoded(tree: Any, numbers: bytes, trusted: bool = False) -> Any:
    """The plain value that a frame carries; anything but a plain value, or too much of one, is a `Violation`."""
    values, used = 0, 0
    if len(numbers) > MOST_BYTES and not trusted:  # sixteen times as much where truths meet complex numbers
        raise Violation("numbers without end")

    def go(tree: Any, depth: int) -> Any:
        nonlocal values
        values += 1
        if values > MOST_VALUES or depth > MOST_DEPTH:
            raise Violation("a value too large")
        if tree is None or type(tree) in (bool, int, float, str):
            return tree
        if type(tree) is list:
            return [go(item, depth + 1) for item in tree]
        if type(tree) is dict and len(tree) == 1:
            ((kind, body),) = tree.items()
            if kind == "array":
                return array(body)
            if kind == "complex" and type(body) is list and [type(part) for part in body] == [float, float]:
                return complex(*body)
            if kind == "dict" and type(body) is list and all(keyed(pair) for pair in body):
                return {key: go(item, depth + 1) for key, item in body}
            if kind == "namespace" and trusted:
                return SimpleNamespace(**{name: go(item, depth + 1) for name, item in body})
        raise Violation("no value")

    def keyed(pair: Any) -> bool:
        if type(pair) is not list or len(pair) != 2:
            return False
        key = pair[0]
        return type(key) in (str, float, bool) or (type(key) is int and abs(key) < MOST_KEY)

    def array(body: Any) -> np.ndarray[Any, Any]:
        nonlocal used
        if type(body) is not list or len(body) != 3 or type(body[1]) is not list or type(body[0]) is not str:
            raise Violation("no array")
        kind, shape, start = body
        sizes = all(type(size) is int and 0 <= size < 1 << 31 for size in [*shape, start])
        if kind not in CODES or len(shape) > 4 or not sizes or math.prod(size or 1 for size in shape) > 1 << 40:
            raise Violation("no array")
        code, count = np.dtype(CODES[kind]), math.prod(shape)
        used += count * code.itemsize  # each number stands for one: a thousand arrays of the same would fill us
        if start + count * code.itemsize > len(numbers) or used > len(numbers):
            raise Violation("an array of numbers that did not come")
        flat = np.frombuffer(numbers, code, count, start)
        return (flat != 0 if kind == "b" else flat).reshape(shape)

    return go(tree, 0)
