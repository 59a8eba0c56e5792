"""From the text of a letter to its HTML, so that both say the same sentences.

The text knows four things: a paragraph, a title (`## `), a numbered list and a list with dashes. A line that begins
with spaces continues the item above it.
"""

import re
from collections.abc import Iterator

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

TITLE = "## "
ITEM = re.compile(r"^(?:\d+\.|-) ")
# of text escaped already, and written for thousands of letters: format_html would look at each line again
HEADING = '<h2 style="font-size:18px;line-height:1.3;margin:28px 0 8px;color:#000091">{}</h2>'
PARAGRAPH = '<p style="margin:0 0 16px">{}</p>'
LIST = '<{} style="margin:0 0 16px;padding-left:24px">{}</{}>'
LIST_ITEM = '<li style="margin:0 0 8px">{}</li>'
LINK = '<a href="{}" style="color:#000091">{}</a>'


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
    blocks = (block.split("\n") for block in escape(source.strip()).split("\n\n"))
    address = escape(link)
    return mark_safe("\n".join(_block(lines, address) for lines in blocks))  # noqa: S308 (escaped just above, at once)


def _block(lines: list[str], link: str) -> str:
    if lines[0].startswith(TITLE):
        return HEADING.format(lines[0].removeprefix(TITLE))
    if ITEM.match(lines[0]):
        return _list(lines)
    return PARAGRAPH.format("<br>".join(LINK.format(link, line) if line == link else line for line in lines))


def _list(lines: list[str]) -> str:
    tag = "ul" if lines[0].startswith("-") else "ol"
    items = "".join(LIST_ITEM.format("<br>".join(item)) for item in _items(lines))
    return LIST.format(tag, items, tag)


def _items(lines: list[str]) -> Iterator[list[str]]:
    item: list[str] = []
    for line in lines:
        if ITEM.match(line) and item:
            yield item
            item = []
        item.append(ITEM.sub("", line).strip())
    yield item
