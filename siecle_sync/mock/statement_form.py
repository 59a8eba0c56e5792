"""What a council says of one pupil, as it is typed on the page of the whole division (OPI-01, ANS-01)."""

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from siecle_sync.mock.desk import DeskRefused, values_of
from siecle_sync.mock.forms import details_of
from siecle_sync.mock.models import MockPupil, MockStatement
from siecle_sync.mock.pathways import choices_of, code_of, key_of, label_of
from siecle_sync.mock.reading import PupilRow

WORDS = {"OUI": "Oui", "NON": "Non"}
COMMENT_MAX = 1000
THEIRS = "theirs"
MORE = "more"
Said = dict[str, tuple[str, str]]


def prefix_of(pupil: MockPupil) -> str:
    return f"p{pupil.pk}"


def said_in(statement: MockStatement | None) -> Said:
    """Code of a pathway → what the council said of it, and why."""
    said = statement.answers if statement else []
    return {code_of(one["pathway"], one["series"]): (one["value"], plain(one["comment"])) for one in said}


def typed_in(data: Mapping[str, str], pupil: MockPupil) -> Said:
    """The same, of what a page posts; the blanks left out."""
    start, end = f"{prefix_of(pupil)}-", "-value"
    names = [one[len(start) : -len(end)] for one in data if one.startswith(start) and one.endswith(end)]
    typed = {_code(data, start, name): _typed(data, f"{start}{name}") for name in names}
    more = data.get(f"{start}{MORE}")
    if more:
        typed.setdefault(more, ("", ""))
    return {code: one for code, one in typed.items() if any(one) or (more and code == more)}


def _code(data: Mapping[str, str], start: str, name: str) -> str:
    return data.get(f"{start}{MORE}", "") if name == MORE else name.replace("_", " ")


def _typed(data: Mapping[str, str], name: str) -> tuple[str, str]:
    return data.get(f"{name}-value", ""), plain(data.get(f"{name}-comment", ""))


def plain(text: str) -> str:
    return " ".join(text.split())


class StatementForm(forms.Form):
    """A line a pathway: those asked for in the order of the request, those said beside, one more to propose.

    A line is named by its pathway, not by its place: the request may have changed since the page was read. `seen` is
    the version of the pupil's council that was read; `keep`, what to keep when somebody else has saved since.
    Nothing chosen at all = nothing said of this pupil yet; once one is, every pathway asked for must be answered.
    """

    def __init__(
        self, data: Mapping[str, str] | None = None, *, row: PupilRow, phase: str, refused: DeskRefused | None = None
    ) -> None:
        super().__init__(data, prefix=prefix_of(row.pupil))
        self.row, self.phase, self.refused = row, phase, refused
        self.waiting, self.author = False, ""
        self.said = said_in(row.statement)
        choices = row.entry.choices if row.entry else []
        self.asked = {code_of(one["pathway"], one.get("series", "")): one for one in choices}
        known = dict(choices_of(row.pupil.level))
        typed = typed_in(data, row.pupil) if data else {}
        beside = [code for code in [*self.said, *typed] if code in known and code != self._more(data)]
        self.codes = list(dict.fromkeys([*self.asked, *beside]))
        self.values = [(value, WORDS.get(value, value)) for value in values_of(row.pupil, phase)]
        for code in self.codes:
            self._add_line(code, self.said.get(code, ("", "")))
        others = [(code, label) for code, label in known.items() if code not in self.codes]
        self.fields[MORE] = forms.ChoiceField(choices=[("", "–"), *others], required=False)
        self._add_line(MORE, ("", ""))
        for name in ("seen", "keep"):
            self.fields[name] = forms.CharField(required=False)

    def _more(self, data: Mapping[str, str] | None) -> str:
        return data.get(f"{self.prefix}-{MORE}", "") if data else ""

    def _add_line(self, code: str, said: tuple[str, str]) -> None:
        name, (value, comment) = code.replace(" ", "_"), said
        self.fields[f"{name}-value"] = forms.ChoiceField(
            choices=[("", "–"), *self.values], required=False, initial=value
        )
        self.fields[f"{name}-comment"] = forms.CharField(required=False, max_length=COMMENT_MAX, initial=comment)

    def _line(self, code: str) -> dict[str, Any]:
        name = code.replace(" ", "_")
        value, comment = self[f"{name}-value"], self[f"{name}-comment"]
        return {
            "name": f"{self.prefix}-{name}", "label": label_of(*key_of(code)), "value": value.value() or "",
            "comment": comment.value() or "", "errors": [*value.errors, *comment.errors],
        }  # fmt: skip

    @property
    def lines(self) -> Iterator[dict[str, Any]]:
        for rank, code in enumerate(self.codes, start=1):
            asked = self.asked.get(code)
            yield {
                **self._line(code), "rank": rank if asked else None, "details": details_of(asked) if asked else "",
            }  # fmt: skip

    @property
    def standing(self) -> list[dict[str, str]]:
        """What is saved now, to be compared with what was typed."""
        return [
            {"label": label_of(*key_of(code)), "value": WORDS.get(value, value), "comment": comment}
            for code, (value, comment) in self.said.items()
        ]

    @property
    def beside(self) -> dict[str, Any]:
        return {**self._line(MORE), "choices": [*self.fields[MORE].choices], "code": self[MORE].value() or ""}

    @property
    def seen(self) -> str:
        """The version that the page was read at; what is typed over what came since, once it was chosen so."""
        kept = self.data.get(f"{self.prefix}-keep")
        return self.row.version if kept == self.row.version else self.data.get(f"{self.prefix}-seen", "")

    @property
    def read_at(self) -> str:
        """What the page carries back: it changes only when what it shows is what stands."""
        return self.seen if self.is_bound else self.row.version

    @property
    def is_stale(self) -> bool:
        return self.is_bound and self.seen != self.row.version and typed_in(self.data, self.row.pupil) != self.said

    @property
    def codes_of_errors(self) -> set[str]:
        return {one.code for errors in self.errors.as_data().values() for one in errors}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.refused is not None:
            raise ValidationError(self.refused.sentence, code=self.refused.code)
        if self.is_stale:
            stale = DeskRefused("STALE")
            raise ValidationError(stale.sentence, code=stale.code)
        if self.said and not self.answers:
            self.add_error(
                None, ValidationError("Ce qui a été dit se change, mais ne s’efface pas.", code="UNANSWERED")
            )
        for name in self._unanswered():
            if f"{name}-value" not in self.errors:
                self.add_error(f"{name}-value", ValidationError("Choisissez une réponse.", code="UNANSWERED"))
        if data.get(f"{MORE}-value") and not data.get(MORE) and MORE not in self.errors:
            self.add_error(f"{MORE}-value", ValidationError("Choisissez la voie proposée.", code="NO_PATHWAY"))
        return data

    def _unanswered(self) -> list[str]:
        """Every pathway asked for, once something is said of the pupil; elsewhere, a reason or a pathway alone."""
        begun = bool(self.answers or self.said)
        names = [(code.replace(" ", "_"), begun and code in self.asked) for code in self.codes]
        names.append((MORE, bool(self.cleaned_data.get(MORE))))
        said = self.cleaned_data
        return [
            name for name, due in names if not said.get(f"{name}-value") and (due or said.get(f"{name}-comment"))
        ]  # fmt: skip

    @property
    def answers(self) -> list[dict[str, str]]:
        """What `desk.type_statement` takes; empty when the council has said nothing of this pupil."""
        lines = [(code.replace(" ", "_"), code) for code in self.codes]
        lines.append((MORE, self.cleaned_data.get(MORE, "")))
        return [
            {
                "pathway": key_of(code)[0],
                "series": key_of(code)[1],
                "value": self.cleaned_data[f"{name}-value"],
                "comment": plain(self.cleaned_data.get(f"{name}-comment", "")),
            }
            for name, code in lines
            if code and self.cleaned_data.get(f"{name}-value")
        ]
