"""Names as people type them: found, and sorted, whatever the accents, the case, the hyphens and the apostrophes."""

import re
import unicodedata
from typing import Any

from django.db.models import Func, TextField, Value
from django.db.models.functions import Coalesce, Concat, NullIf

LIGATURES = {"Œ": "OE", "œ": "oe", "Æ": "AE", "æ": "ae"}
JOINS = "-'’"
ACCENT = re.compile("[\u0300-\u036f]")


class Folded(Func):
    """A text without accent nor capital, in the order of its letters; the twin in SQL of `folded`."""

    output_field = TextField()
    template = (
        "lower(regexp_replace(normalize(translate("
        "replace(replace(replace(replace(%(expressions)s, 'Œ', 'OE'), 'œ', 'oe'), 'Æ', 'AE'), 'æ', 'ae'), "
        "'-''’', '   '), NFD), '[\u0300-\u036f]', '', 'g') COLLATE \"C\")"
    )


def folded(text: str) -> str:
    """« L’Hôte-Bœuf » → « l hote boeuf »."""
    for ligature, letters in LIGATURES.items():
        text = text.replace(ligature, letters)
    spaced = text.translate(str.maketrans(JOINS, " " * len(JOINS)))
    bare = ACCENT.sub("", unicodedata.normalize("NFD", spaced))
    return re.sub("[A-Z]", lambda letter: letter[0].lower(), bare)


def name_key(path: str = "") -> Any:
    """The key of a person's name, to sort by and to search in: the name they go by, the first name, the other name."""
    family, usage, first = (f"{path}{name}" for name in ("family_name", "usage_name", "first_name"))
    shown = Coalesce(NullIf(usage, Value("")), family)
    return Folded(Concat(shown, Value(" "), first, Value(" "), family))
