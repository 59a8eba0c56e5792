"""What a school types to change a family's request: who asked, when, and the whole new list (SIE-04)."""

from datetime import date
from typing import Any

from django import forms

from families.staff_inputs import date_input
from siecle_sync.mock.entry_form import EntryForm


class ChangeForm(EntryForm):
    asked_by = forms.CharField(
        label="Qui, dans la famille, demande la modification\u00a0?",
        max_length=210,
        help_text="Nom et prénom. La famille le lit.",
    )
    asked_on = forms.DateField(label="Date de sa demande", widget=date_input())
    field_order = ("asked_by", "asked_on")

    def __init__(self, *args: Any, asked_on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["asked_on"].initial = asked_on

    @property
    def asked(self) -> dict[str, Any]:
        """What `desk.change_entry` takes beside the list."""
        return {"asked_by": self.cleaned_data["asked_by"], "asked_on": self.cleaned_data["asked_on"]}
