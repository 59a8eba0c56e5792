"""Put back into the forms of a page what was typed there and not received (ENT-07). Pure: text in, text out.

Only start tags of fields change, and the text of `<textarea>`; what the page knows by itself (hidden fields: the
version shown, the token) and what is secret is never touched.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

TYPED = {"text", "email", "number", "date", "time", "datetime-local", "tel", "url", "search", ""}
TICKED = {"checkbox", "radio"}
OWN = {"csrfmiddlewaretoken", "next"}  # a page's own, whatever was sent
Values = Mapping[str, Sequence[str]]


@dataclass
class Tag:
    """A start tag: where it stands in the page, and where its element ends (0: it has no end)."""

    name: str
    attributes: dict[str, str]
    start: int
    end: int
    closes: int = 0
    inner: list["Tag"] = field(default_factory=list)

    @property
    def field_name(self) -> str:
        return self.attributes.get("name", "")

    @property
    def type(self) -> str:
        return self.attributes.get("type", "").lower()

    @property
    def is_seen(self) -> bool:
        typed = self.name == "input" and self.type in TYPED | TICKED
        return bool(self.field_name) and (typed or self.name in {"select", "textarea"})


@dataclass(frozen=True, slots=True)
class Refilled:
    """`found`: there is a form for it; `same`: it shows what it showed then; `seen`: it has fields to type in.

    `main`: where the page's own content begins, -1 when it has none.
    """

    html: str
    main: int
    found: bool = False
    same: bool = False
    seen: bool = False

    def with_note(self, note: str) -> str:
        return self.html if self.main < 0 else self.html[: self.main] + note + self.html[self.main :]


class Page(HTMLParser):
    """The forms of a page, their fields, and the end of the tag <main>."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.lines = [0, *(at + 1 for at, one in enumerate(html) if one == "\n")]
        self.forms: list[Tag] = []
        self.main = -1
        self.waiting: dict[str, Tag] = {}  # by name: select, textarea, form
        self.feed(html)

    def _at(self) -> int:
        line, column = self.getpos()
        return self.lines[line - 1] + column

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        start = self._at()
        one = Tag(tag, {name: value or "" for name, value in attrs}, start, start + len(self.get_starttag_text() or ""))
        if tag == "main":
            self.main = one.end
        elif tag == "form":
            self.forms.append(one)
            self.waiting["form"] = one
        elif tag == "option" and "select" in self.waiting:
            self.waiting["select"].inner.append(one)
        elif tag in {"input", "select", "textarea"} and "form" in self.waiting:
            self.waiting["form"].inner.append(one)
            if tag != "input":
                self.waiting[tag] = one

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if one := self.waiting.pop(tag, None):
            one.closes = self._at()


def refill(html: str, *, here: str, path: str, values: Values, landing: bool) -> Refilled:
    """`here`: the page's path; `path`: where `values` were sent. `landing`: this page is where that address leads to.

    The form is the one sent to `path`; on the landing page, else one that asks for the same things. What it showed must
    be what it shows: somebody never answers, by a click, something else than what they had read.
    """
    page = Page(html)
    form = _form(page.forms, here, path, values, landing)
    if form is None:
        return Refilled(html, page.main)
    same = all(_shown(form, name) == list(values.get(name, ())) for name in _hidden(form))
    seen = any(one.is_seen for one in form.inner)
    filled = _changed(html, _edits(form, values)) if same else html
    return Refilled(filled, page.main, found=True, same=same, seen=seen)


def _form(forms: Iterable[Tag], here: str, path: str, values: Values, landing: bool) -> Tag | None:
    posted = [one for one in forms if one.attributes.get("method", "").lower() == "post"]
    own = [one for one in posted if urlsplit(urljoin(here, one.attributes.get("action", ""))).path == path]
    asking = [one for one in posted if landing and any(_asks(one, values))]
    return max(own or asking, key=lambda one: sum(_asks(one, values)), default=None)


def _asks(form: Tag, values: Values) -> Iterator[bool]:
    return (one.is_seen and one.field_name in values for one in form.inner)


def _hidden(form: Tag) -> set[str]:
    names = {one.field_name for one in form.inner if one.name == "input" and one.type == "hidden"}
    return {one for one in names - OWN if one and not one.startswith("initial-")}


def _shown(form: Tag, name: str) -> list[str]:
    return [one.attributes.get("value", "") for one in form.inner if one.field_name == name and one.type == "hidden"]


def _edits(form: Tag, values: Values) -> Iterator[tuple[int, int, str]]:
    """What to write between two places of the page."""
    left = {name: list(said) for name, said in values.items()}
    for one in form.inner:
        if not one.is_seen:
            continue
        said = left.get(one.field_name)
        if one.type in TICKED:
            yield from _ticked(one, said)
        elif said is None:
            continue
        elif one.name == "select":
            yield from (_marked(option, "selected", _value(option) in said) for option in one.inner)
        elif said:
            yield _typed(one, said.pop(0))


def _ticked(one: Tag, said: list[str] | None) -> Iterator[tuple[int, int, str]]:
    if said is not None or one.type == "checkbox":
        yield _marked(one, "checked", one.attributes.get("value", "on") in (said or ()))


def _typed(one: Tag, value: str) -> tuple[int, int, str]:
    if one.name == "textarea":
        return one.end, one.closes or one.end, f"\n{escape(value)}"
    return one.start, one.end, _tag(one.name, {**one.attributes, "value": value})


def _marked(one: Tag, mark: str, on: bool) -> tuple[int, int, str]:
    attributes = {name: value for name, value in one.attributes.items() if name != mark}
    return one.start, one.end, _tag(one.name, {**attributes, mark: mark} if on else attributes)


def _value(option: Tag) -> str:
    return option.attributes.get("value", "")


def _tag(name: str, attributes: Mapping[str, str]) -> str:
    said = "".join(f' {one}="{escape(value)}"' for one, value in attributes.items())
    return f"<{name}{said}>"


def _changed(html: str, edits: Iterable[tuple[int, int, str]]) -> str:
    parts, at = [], 0
    for start, end, new in sorted(edits):
        parts += [html[at:start], new]
        at = end
    return "".join([*parts, html[at:]])
