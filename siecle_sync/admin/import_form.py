"""The files of Siècle that one school hands in at once, and the year they are of."""

from datetime import date
from typing import Any

from django import forms

from siecle_sync.bee.anomalies import REFUSALS
from siecle_sync.bee.archive import MEGABYTE

MOST_MEGABYTES = 40  # five times the XML of 3,000 pupils; a web process holds it in memory while it is kept
MOST_FILES = 10
NEW_YEAR = 9  # September


class SeveralFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    widget = SeveralFiles(attrs={"accept": ".zip,.xml"})

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        """Every file is sound by itself, and together they are what one school may export."""
        files = [super(FilesField, self).clean(one, initial) for one in data or [None]]
        if len(files) > MOST_FILES:
            raise forms.ValidationError(f"Pas plus de {MOST_FILES} fichiers à la fois.", code="TOO_MANY")
        for one in files:
            if one.size > MOST_MEGABYTES * MEGABYTE:
                said = REFUSALS["TOO_BIG"].format(file=one.name, limit=MOST_MEGABYTES)
                raise forms.ValidationError(said, code="TOO_BIG")
        if sum(one.size for one in files) > MOST_MEGABYTES * MEGABYTE:
            said = f"Ces fichiers dépassent ensemble {MOST_MEGABYTES} Mo : ce ne sont pas ceux d’un établissement."
            raise forms.ValidationError(said, code="TOO_BIG")
        return files


class UploadForm(forms.Form):
    year = forms.TypedChoiceField(label="Année scolaire", coerce=int)
    files = FilesField(
        label="Fichiers exportés de Siècle",
        help_text="Choisissez-les tous à la fois, zip ou XML, tels que Siècle les a produits : Élèves, Responsables, "
        "Structures, Nomenclature et Communs. Le nom des fichiers ne compte pas.",
    )

    def __init__(self, *data: Any, today: date, **options: Any) -> None:
        super().__init__(*data, label_suffix="", **options)
        year = today.year if today.month >= NEW_YEAR else today.year - 1
        # from May to August Siècle keeps two years at a time
        self.fields["year"].choices = [(one, f"{one}-{one + 1}") for one in (year, year + 1)]  # type: ignore[attr-defined]
