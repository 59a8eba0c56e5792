"""Rows gathered in memory, written by COPY in the order of their references, and their digest."""

import hashlib
from io import BytesIO
from itertools import count
from typing import Any

NULL = "\\N"
# in the order in which rows may refer to one another
COLUMNS = {
    "families_academy": "code name timezone sender_email",
    "families_school": "id uai academy_id name phone email address year_division own_timezone",
    "families_division": "id school_id year code label",
    "families_user": "id password is_superuser username first_name last_name email is_staff is_active date_joined uuid",
    "families_student": "id uuid school_id division_id year level siecle_id ine family_name usage_name first_name"
    " birth_date mef scope scope_reason",
    "families_representative": "id uuid school_id siecle_id civility family_name usage_name first_name email"
    " email_confirmed_at siecle_email user_id",
    "families_guardianship": "id student_id representative_id level kinship",
    "orientation_campaign": "id academy_id year level max_choices acknowledgement_by opinion_change objection"
    " answered_by acceptances recap_to recap_when free_text opinion_values specialties specialties_if_outside",
    "orientation_phasewindow": "id campaign_id phase kind opens_at closes_at",
    "orientation_classcouncil": "id uuid campaign_id division_id phase held_on opened_at",
    "siecle_sync_councilevent": "id ref at applied_at",
    "orientation_dossier": "id uuid campaign_id student_id",
    "orientation_pen": "id dossier_id phase representative_id taken_at release_reason",
    "orientation_submission": "id uuid dossier_id phase version author_kind representative_id author_name choice_count"
    " submitted_at asked_by",
    "orientation_rankedchoice": "id submission_id rank pathway series free_text school_status apprentice_status"
    " details",
    "orientation_sieclereceipt": "id dossier_id kind ref outcome at",
    "orientation_councilstatement": "id uuid dossier_id phase version submission_id division_id entered_at received_at"
    " published_at siecle_ref",
    "orientation_councilanswer": "id statement_id position pathway series requested value comment",
    "ledger_journalentry": "id at verb actor_kind actor_uuid actor_name dossier_uuid data",
    "ledger_outgoingemail": "uuid kind recipient_uuid dossier_uuid about data dedup_key state not_before created_at"
    " attempts last_error sent_at message_id",
}
WITH_ID = [table for table, columns in COLUMNS.items() if columns.startswith("id ")]


class Rows:
    """The rows of a few schools. `digest` is of every byte written so far: the same seed gives the same."""

    def __init__(self, cursor: Any) -> None:
        self.cursor = cursor
        self.lines: dict[str, list[str]] = {table: [] for table in COLUMNS}
        self.ids = {table: count(1) for table in WITH_ID}
        self.written = dict.fromkeys(COLUMNS, 0)
        self.digest = hashlib.sha256()

    def add(self, table: str, *values: Any) -> None:
        self.lines[table].append("\t".join(map(str, values)))

    def add_new(self, table: str, *values: Any) -> int:
        """Add a row that has an id, and return it."""
        key = next(self.ids[table])
        self.lines[table].append(f"{key}\t" + "\t".join(map(str, values)))
        return key

    def flush(self) -> None:
        for table, lines in self.lines.items():
            if not lines:
                continue
            body = ("\n".join(lines) + "\n").encode()
            self.digest.update(table.encode() + body)
            columns = COLUMNS[table].replace(" ", ", ")
            self.cursor.copy_expert(f"COPY {table} ({columns}) FROM STDIN", BytesIO(body))
            self.written[table] += len(lines)
            lines.clear()

    def end(self) -> None:
        """Let the sequences follow, and the planner know."""
        for table in WITH_ID:
            self.cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), COALESCE(max(id), 0) + 1, false) FROM {table}"
            )
        for table in COLUMNS:
            self.cursor.execute(f"ANALYZE {table}")
