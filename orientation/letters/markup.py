"""From the text of a letter to its HTML, so that both say the same sentences.

The text knows four things: a paragraph, a title (`## `), a numbered list and a list with dashes. A line that begins
with spaces continues the item above it.
"""

import re
from collections.abc import Iterator

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

TITLE = "## "
ITEM = re.compile(r"^(?:\d+\.|-) ")


def tidy(text: str) -> str:
    """Strip what the template's tags left: spaces at line ends, more than one empty line."""
    lines = "\n".join(line.rstrip() for line in text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines).strip() + "\n"


def as_text(source: str) -> str:
    """The plain text: a title stands between dashes."""
    return re.sub(rf"^{TITLE}(.*)$", r"— \1 —", source, flags=re.MULTILINE)


def preview_of(source: str) -> str:
    """What a mail client shows beside the subject: the first sentence after the greeting."""
    blocks = source.split("\n\n", 2)
    return blocks[1].split("\n")[0] if len(blocks) > 1 else ""


def as_html(source: str, *, link: str) -> SafeString:
    """The body in HTML, everything escaped; `link` is the one address that becomes a link."""
    blocks = (block.split("\n") for block in source.strip().split("\n\n"))
    return mark_safe("\n".join(_block(lines, link) for lines in blocks))  # noqa: S308 (each block is escaped)


def _block(lines: list[str], link: str) -> SafeString:
    if lines[0].startswith(TITLE):
        return format_html(
            '<h2 style="font-size:18px;line-height:1.3;margin:28px 0 8px;color:#000091">{}</h2>',
            lines[0].removeprefix(TITLE),
        )
    if ITEM.match(lines[0]):
        return _list(lines)
    return format_html('<p style="margin:0 0 16px">{}</p>', _lines(lines, link))


def _list(lines: list[str]) -> SafeString:
    tag = "ul" if lines[0].startswith("-") else "ol"
    items = format_html_join("", '<li style="margin:0 0 8px">{}</li>', ((_lines(item),) for item in _items(lines)))
    return format_html('<{} style="margin:0 0 16px;padding-left:24px">{}</{}>', tag, items, tag)


def _items(lines: list[str]) -> Iterator[list[str]]:
    item: list[str] = []
    for line in lines:
        if ITEM.match(line) and item:
            yield item
            item = []
        item.append(ITEM.sub("", line).strip())
    yield item


def _lines(lines: list[str], link: str = "") -> SafeString:
    return format_html_join(mark_safe("<br>"), "{}", ((_linked(line, link),) for line in lines))


def _linked(line: str, link: str) -> str | SafeString:
    return format_html('<a href="{}" style="color:#000091">{}</a>', link, line) if link and line == link else line
