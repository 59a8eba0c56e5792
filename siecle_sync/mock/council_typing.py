"""The council's page as it comes back: each pupil saved apart, nothing of one lost for another (OPI-01, ANS-01)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from siecle_sync.mock import desk
from siecle_sync.mock.models import MockDivision, MockStatement
from siecle_sync.mock.reading import PupilRow
from siecle_sync.mock.statement_form import THEIRS, StatementForm, prefix_of, said_in, typed_in


@dataclass
class Typing:
    """`only` = the pupil whose button was pressed, None = the whole page. `by` = who types, for the others to read.

    After `save`: `saved` and `refused` by pupil; `waiting` = typed, and not asked to be saved yet.
    """

    division: MockDivision
    phase: str
    data: Mapping[str, str]
    by: str
    only: int | None = None
    saved: set[int] = field(default_factory=set)
    refused: dict[int, desk.DeskRefused | None] = field(default_factory=dict)
    waiting: set[int] = field(default_factory=set)

    def save(self) -> None:
        rows = self.rows()
        read = self._read(rows)
        for row in rows:
            if self._is_touched(row, read):
                self._save(row)

    def rows(self) -> list[PupilRow]:
        return desk.pupils_of(self.division, phase=self.phase)

    def _save(self, row: PupilRow) -> None:
        pupil = row.pupil
        if self.only not in (None, pupil.pk):
            self.waiting.add(pupil.pk)
            return
        form = StatementForm(self.data, row=row, phase=self.phase)
        if not form.is_valid():
            self.refused[pupil.pk] = None
            return
        try:
            desk.type_statement(pupil, phase=self.phase, answers=form.answers, by=self.by, seen=form.seen)
            self.saved.add(pupil.pk)
        except desk.DeskRefused as refusal:
            self.refused[pupil.pk] = refusal

    def _read(self, rows: list[PupilRow]) -> dict[str, MockStatement]:
        """What stood on the page when it was read, withdrawn since or not."""
        refs = [self._posted(row, "seen").partition("/")[2] for row in rows]
        known = MockStatement.objects.filter(ref__in=[one for one in refs if one], phase=self.phase)
        return {one.ref: one for one in known}

    def _posted(self, row: PupilRow, name: str) -> str:
        return self.data.get(f"{prefix_of(row.pupil)}-{name}", "")

    def _is_touched(self, row: PupilRow, read: Mapping[str, MockStatement]) -> bool:
        """Whether somebody typed there: a pupil left as it was read is neither saved nor refused."""
        statement = read.get(self._posted(row, "seen").partition("/")[2])
        known = statement if statement and statement.pupil_id == row.pupil.pk else None
        return self._posted(row, "keep") != THEIRS and typed_in(self.data, row.pupil) != said_in(known)

    @property
    def is_done(self) -> bool:
        return not self.refused and not self.waiting

    def forms(self) -> list[StatementForm]:
        """The page as it stands now, with what was typed and not saved."""
        return [self._form(row) for row in self.rows()]

    def _form(self, row: PupilRow) -> StatementForm:
        pk = row.pupil.pk
        if pk not in self.refused and pk not in self.waiting:
            return StatementForm(row=row, phase=self.phase)
        form = StatementForm(self.data, row=row, phase=self.phase, refused=self.refused.get(pk))
        form.waiting = pk in self.waiting
        return form

    def status(self, forms: list[StatementForm]) -> int:
        """200, 409 when somebody else saved first, 422 when something typed is refused."""
        wrong = [form for form in forms if form.row.pupil.pk in self.refused]
        if any("STALE" in form.codes_of_errors for form in wrong):
            return 409
        return 422 if wrong else 200
