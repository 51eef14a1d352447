"""Mutations of files: of their bytes, of their lines and tokens, and of the structure of JSON and CSV."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

__all__ = ["interesting_text", "mutated", "random_bytes"]

TEXTS = (
    "", " ", "null", "~", "true", "True", "false", "no", "NaN", "inf", "-inf", "1e999", "-0", "0x1F", "007", "1_000",
    "9223372036854775807", "9223372036854775808", "-9223372036854775809", "9" * 400, "1e5", ".5", "5.", "[]", "{}",
    "[", "]", "{", "}", ":", "-", "- -", "? ", "|", ">", "'", '"', "\\", "#", "&a", "*a", "!!python/object:os.system x",
    "!x", "<<", "<<: *a", "---", "...", "%YAML 1.1", "@", "`", ";", ",", "=", "+1", "-1", "=cmd|' /C calc'!A0", "\t",
    "\n", "\r", "\r\n", "\0", "\x1b[31m", "\x7f", "\x85", "\u2028", "\u202e", "\ufeff", "ü", "😀", "\ud800", "a" * 5000,
    "[" * 200, "{a: " * 200, "[" * 5000, "../x.yaml", "/etc/passwd", "pack.yaml", "C:\\x", "all", "any", "not", "is",
    "same_as", "field", "contains", "at_least", "{image.name}", "{", "{}", "{{x}}", "image.boot_mode", "create_ecs",
    "error", "notice", "unknown", "not_applicable",
)  # fmt: skip
BYTES = (b"\x00", b"\xff", b"\xfe\xff", b"\xff\xfe", b"\xef\xbb\xbf", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80")
VALUES: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 0.5, -0.0, 1e308, 2**63 - 1, 2**63, 2**64, 10**30, "", "x", "true", "[]", [], {}, [[]],
    [None], {"": None}, {"id": 1}, ["a", 1, None], "a" * 3000, "\x1b[2J", "ü\u0000", {"images": []}, [{}], [[[[[[]]]]]],
)  # fmt: skip

_TOKEN = re.compile(r"[\w.@$-]+|[^\w\s]")


def mutated(content: bytes, name: str, others: Sequence[bytes], random: Random) -> bytes:
    """Return the content with one to a few mutations that make sense for such a file, or none."""
    kinds: list[Callable[[bytes, Sequence[bytes], Random], bytes]] = [_bytes, _lines, _tokens]
    if name.endswith((".json", ".jsonl")):
        kinds += [_json] * 9
    elif name.endswith(".csv"):
        kinds += [_cells] * 4
    else:
        kinds += [_lines, *[_tokens] * 3]
    for _ in range(random.choice((0, 1, 1, 1, 2, 3, 8))):
        content = random.choice(kinds)(content, others, random)[:3_000_000]
    return content


def random_bytes(random: Random) -> bytes:
    """Return something that is no file of ours at all."""
    length = random.choice((0, 1, 2, 7, 100, 5000))
    kind = random.randrange(4)
    if kind == 0:
        return random.randbytes(length)
    if kind == 1:
        return "".join(random.choice(TEXTS) for _ in range(length // 7 + 1)).encode("utf-8", "surrogatepass")
    if kind == 2:
        return json.dumps(_random_json(random, 6)).encode()
    return random.choice([b"[", b"{", b'{"a":', b"- ", b"a: ", b"? ", b"\xef\xbb\xbf", b"[[", b'["', b"a,b\n"]) * length


def interesting_text(random: Random) -> str:
    """Return a text that a program may stumble over; it can be passed as an argument."""
    return random.choice(TEXTS).replace("\0", "").encode("utf-8", "surrogatepass").decode("utf-8", "surrogateescape")


def _bytes(content: bytes, others: Sequence[bytes], random: Random) -> bytes:
    at = random.randrange(len(content) + 1)
    to = min(len(content), at + random.choice((1, 1, 2, 8, 64, 1000)))
    what = random.randrange(7)
    if what == 0:
        return content[:at] + content[to:]
    if what == 1:
        return content[:at] + content[at:to] * random.choice((2, 3, 50)) + content[to:]
    if what == 2:
        return content[:at] + bytes([random.randrange(256)]) + content[at + 1 :]
    if what == 3:
        return content[:at] + random.choice(BYTES) + content[at:]
    if what == 4:
        return content[:at]
    if what == 5:
        other = random.choice(others)
        cut = random.randrange(len(other) + 1)
        return content[:at] + other[cut : cut + random.choice((10, 200, 5000))] + content[to:]
    return content.decode("utf-8", "replace").encode(random.choice(("utf-16", "utf-16-le", "utf-8-sig", "utf-32")))


def _lines(content: bytes, others: Sequence[bytes], random: Random) -> bytes:
    lines = content.split(b"\n")
    at = random.randrange(len(lines))
    what = random.randrange(6)
    if what == 0:
        del lines[at]
    elif what == 1:
        lines.insert(at, lines[random.randrange(len(lines))])
    elif what == 2:
        lines[at] = b" " * random.choice((1, 2, 3)) + lines[at]
    elif what == 3:
        lines[at] = lines[at].lstrip()
    elif what == 4:
        other = random.randrange(len(lines))
        lines[at], lines[other] = lines[other], lines[at]
    else:
        lines.insert(at, random.choice(random.choice(others).split(b"\n")))
    return b"\n".join(lines)


def _tokens(content: bytes, others: Sequence[bytes], random: Random) -> bytes:
    """Replace a word or a sign by another one of the file, or by something interesting."""
    text = content.decode("utf-8", "surrogateescape")
    found = list(_TOKEN.finditer(text))
    if not found:
        return content + random.choice(TEXTS).encode("utf-8", "surrogatepass")
    token = random.choice(found)
    new = random.choice(found).group() if random.random() < 0.5 else random.choice(TEXTS)
    text = text[: token.start()] + new + text[token.end() :]
    return text.encode("utf-8", "surrogatepass" if "\ud800" in text else "surrogateescape")


def _json(content: bytes, others: Sequence[bytes], random: Random) -> bytes:
    """Replace, remove, rename or repeat a node of the JSON."""
    lines = content.split(b"\n") if content.count(b"\n{") else [content]
    at = random.randrange(len(lines))
    try:
        root = json.loads(lines[at])
    except (ValueError, RecursionError):
        return _bytes(content, others, random)
    holders = list(_containers([root]))
    holder = random.choice(holders)
    keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
    if not keys:
        return content
    key = random.choice(keys)
    what = random.randrange(5)
    if what == 0:
        del holder[key]
    elif what == 1 and isinstance(holder, dict):
        holder[random.choice((*TEXTS[:20], *map(str, keys)))] = holder.pop(key)
    elif what == 2:
        holder[key] = _random_json(random, 3)
    elif what == 3:
        holder[key] = [holder[key]] * random.choice((1, 2, 30))
    else:
        holder[key] = random.choice(VALUES)
    lines[at] = json.dumps(root).encode("utf-8", "surrogatepass")
    return b"\n".join(lines)


def _containers(node: Any) -> list[Any]:
    found, waiting = [], list(node)
    while waiting:
        current = waiting.pop()
        if isinstance(current, dict | list):
            found.append(current)
            waiting.extend(current.values() if isinstance(current, dict) else current)
    return found or [node]


def _cells(content: bytes, others: Sequence[bytes], random: Random) -> bytes:
    lines = content.split(b"\n")
    at = random.choice((0, random.randrange(len(lines))))
    cells = lines[at].split(b",")
    cell = random.randrange(len(cells))
    what = random.randrange(4)
    if what == 0:
        del cells[cell]
    elif what == 1:
        cells.insert(cell, random.choice(cells))
    elif what == 2:
        cells[cell] = random.choice(TEXTS).encode("utf-8", "surrogatepass")
    else:
        cells[cell] = random.choice(cells)
    lines[at] = b",".join(cells)
    return b"\n".join(lines)


def _random_json(random: Random, depth: int) -> Any:
    kind = random.randrange(6) if depth else random.randrange(4)
    if kind < 3:
        return random.choice(VALUES)
    if kind == 3:
        return random.choice(TEXTS)
    if kind == 4:
        return [_random_json(random, depth - 1) for _ in range(random.randrange(4))]
    names = ("id", "name", "images", "flavors", "server", "servers", "image.boot_mode", "__imagetype", "", "metadata")
    return {random.choice(names): _random_json(random, depth - 1) for _ in range(random.randrange(4))}
