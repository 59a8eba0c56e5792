"""French typography of the templates: no line may begin with « : », « ; », « ! », « ? » or « » ».

An ordinary space before a double sign, after « or before » lets a browser cut there: it must be a non-breaking one.
"""

import re
from pathlib import Path

import pytest

TEMPLATES = Path(__file__).parent.parent / "templates"
ORDINARY = re.compile(r"\S[ \n]+(?:[:;!?](?!\S)|»)|«[ \n]")
UNREAD = [
    re.compile(r"\{%\s*comment\b.*?\{%\s*endcomment\s*%\}", re.DOTALL),
    re.compile(r"<!--.*?-->", re.DOTALL),
    re.compile(r"<(script|style)\b.*?</\1>", re.DOTALL),
    re.compile(r"\{#.*?#\}"),
]
TAGS = re.compile(r"\{%.*?%\}|</?\w[^<>]*>", re.DOTALL)
VALUE = re.compile(r"\{\{.*?\}\}")


def faults(source: str) -> list[str]:
    """Where an ordinary space stands before a double sign or inside « », each with what surrounds it."""
    for unread in UNREAD:
        source = unread.sub("", source)
    text = VALUE.sub("x", TAGS.sub("", source))
    return [text[max(0, one.start() - 20) : one.end() + 10] for one in ORDINARY.finditer(text)]


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.html")), ids=lambda one: str(one.relative_to(TEMPLATES)))
def test_the_double_signs_of_a_template_hold_to_their_words(path: Path) -> None:
    assert faults(path.read_text()) == []


@pytest.mark.parametrize(
    "source",
    [
        "<p>Élèves : 3</p>",
        "<p>Qui ?</p>",
        "{{ name }} ; {{ other }}",
        "« {{ name }} »",
        "<b>Date</b> :",
        "Date\n  : hier",
    ],
)
def test_an_ordinary_space_is_found(source: str) -> None:
    assert faults(source)


@pytest.mark.parametrize(
    "source",
    [
        "<p>Élèves\u00a0: 3, «\u00a0oui\u00a0»\u00a0!</p>",
        '<a href="?a=1 : b">oui</a>',
        "<script>a ? b : c</script><style>a : b</style>",
        "{% if a ? b %}{% endif %}{# a : b #}",
        "{{ name|default:'a : b' }}",
    ],
)
def test_what_nobody_reads_is_left_alone(source: str) -> None:
    assert faults(source) == []
