"""Texts of others in texts of ours: nothing that stands in a file, a name or a pack acts where it is shown.

Whatever is put into a line of a terminal or a log, into Markdown or into HTML passes one of these functions, by what it
becomes there. Elements of HTML are made by `imagefit.reports.html.elements`, of texts that passed `line`. Formats for
programs (JSON, CSV, Parquet) keep values as they are; `in_json` writes them in another way.

=========== ==============================================================
`line`      a line on a terminal, in a log or in a message
`lines`     the same of a text that has lines
`plain`     Markdown that shows a text as it is
`code`      Markdown that shows it as code
`cell`      what one of these two gave, in a table
`address`   where a link of Markdown or HTML goes
`quoted`    a text of TOML or YAML
`in_script` JSON that is the content of an element of HTML
=========== ==============================================================
"""

from __future__ import annotations

import re

from imagefit.values import pattern

__all__ = ["address", "cell", "code", "in_json", "in_script", "line", "lines", "plain", "quoted"]

_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_MARKUP = pattern(r"[\\`*<>\[\]&~$]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
_BLOCK = pattern(r"^(?:(?=[#+=-])|(\d{1,9})(?=[.)]))")
_LINK = pattern(r"https?://", re.IGNORECASE)
# What has the category Cc, Cf, Cs, Zl or Zp and JSON lets stand: it escapes the first 32 itself.
_UNSAFE = pattern(
    "[\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\ud800-\udfff\ufeff\ufff9-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0001\U000e0020-\U000e007f]"
)


def line(text: str) -> str:
    r"""Show control, format and unassigned characters as escapes: nothing moves a cursor, or ends the line.

    >>> print(line("a\x1b[31mb\u202ec\n"))
    a\x1b[31mb\u202ec\x0a
    """
    if text.isascii() and text.isprintable():
        return text
    import unicodedata

    return "".join(_escaped(c) if unicodedata.category(c) in _HIDDEN else c for c in text)


def lines(text: str) -> str:
    r"""Show each line of a text as `line` does; only ``\n`` ends one."""
    return "\n".join(map(line, text.split("\n")))


def plain(text: str) -> str:
    r"""Return Markdown, on one line, that shows a text as it is.

    >>> print(plain("# <b>a_b</b> [x](y) _c_"))
    \# \<b\>a_b\</b\> \[x\](y) \_c\_
    """
    return _BLOCK.sub(r"\1\\", _MARKUP.sub(r"\\\g<0>", line(" ".join(text.split()))))


def code(text: str) -> str:
    """Return Markdown, on one line, that shows a text as code: between more backticks than there are in it.

    >>> print(code("a"), code("`a``"))
    `a` ``` `a`` ```
    """
    shown = line(text)
    fence = "`" * (max((len(run) for run in re.findall("`+", shown)), default=0) + 1)
    apart = " " if shown[:1] in ("`", " ") or shown[-1:] in ("`", " ") else ""
    return f"{fence}{apart}{shown}{apart}{fence}" if shown else ""


def cell(markdown: str) -> str:
    """Return what `plain` or `code` gave so that it stays in one cell of a table."""
    return markdown.replace("|", "\\|")


def address(text: str) -> str:
    """Return an address for a link: no end of the link is in it, and no scheme but that of the web.

    >>> address("https://e.com/a) <b>"), address("javascript:alert(1)")
    ('https://e.com/a%29%20%3Cb%3E', 'javascript%3Aalert%281%29')
    """
    from urllib.parse import quote

    web = _LINK.match(text)
    safe = "%/?#@!$&*+,;=~" + (":" if web else "")
    return quote(text, safe=safe, errors="replace")


def quoted(text: str) -> str:
    r"""Return a basic string of TOML, which is a double-quoted one of YAML, too: the escapes of JSON are both's.

    >>> print(quoted('a "b"\x7f'))
    "a \"b\"\U0000007f"
    """
    import json

    return "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in json.dumps(text, ensure_ascii=False))


def in_json(text: str) -> str:
    """Return JSON that says the same, and in which nothing acts on a terminal."""
    if text.isascii() and "\x7f" not in text:
        return text
    return _UNSAFE.sub(_json_escape, text)


def in_script(text: str) -> str:
    r"""Return JSON that says the same, and does not end the element of HTML that it is the content of.

    >>> print(in_script('"</script>"'))
    "\u003c/script\u003e"
    """
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return in_json(text)


def _escaped(character: str) -> str:
    code_point = ord(character)
    if code_point < 0x100:
        return f"\\x{code_point:02x}"
    return f"\\u{code_point:04x}" if code_point < 0x10000 else f"\\U{code_point:08x}"


def _json_escape(match: re.Match[str]) -> str:
    code_point = ord(match[0])
    if code_point < 0x10000:
        return f"\\u{code_point:04x}"
    above = code_point - 0x10000
    return f"\\u{0xD800 + (above >> 10):04x}\\u{0xDC00 + (above & 0x3FF):04x}"
