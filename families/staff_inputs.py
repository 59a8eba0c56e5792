"""The browser's own date and hour pickers: no script, and they work on a phone."""

from django import forms


def date_input() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class MomentInput(forms.SplitDateTimeWidget):
    """A date and an hour, each with a name that screen readers say."""

    def __init__(self) -> None:
        super().__init__(
            date_attrs={"type": "date", "aria-label": "Date"},
            time_attrs={"type": "time", "aria-label": "Heure"},
            date_format="%Y-%m-%d",
            time_format="%H:%M",
        )
