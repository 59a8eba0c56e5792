"""Any table that a deposit may hold: taken and reported line by line, or refused whole; never a breakdown."""

import csv
import os
from io import StringIO
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from siecle_sync import contract
from tests.siecle_sync.program import HEADER, get, put
from tests.siecle_sync.world import BOTH

pytestmark = pytest.mark.django_db(databases=BOTH)
LONG = os.environ.get("HYPOTHESIS_PROFILE") == "fuzz"
ODD = [
    "", "0", "-1", "9" * 20, "x" * 300, "é\u0153\u2028", "\\.", '"', "a,b\nc", "\0", "NaN", "infinity", "2026-02-30",
    "[" * 5000, '{"label": "\\u0000"}',
]  # fmt: skip
SOUND = {
    "kind": [*contract.SENT, *contract.RECEIVED, "OTHER"],
    "ref": ["r1", "r2", "0690001A/2025/3E/5"],
    "uai": ["0690001A"],
    "year": ["2025", "2024"],
    "level": ["3E"],
    "phase": ["", "PROVISIONAL", "DEFINITIVE"],
    "division": ["3 A", ""],
    "eleve_id": ["5", ""],
    "ine": ["", "123456789AB"],
    "version": ["", "1", "2"],
    "at": ["", "2026-01-20T10:00:00+01:00", "infinity", "0044-03-15 BC"],
    "author_kind": ["", "REPRESENTATIVE"],
    "author_name": ["", "Ana Roy"],
    "payload": [
        "", "null", "[]", "{}", '{"present": false}', '{"present": 1}', '{"choices": [{"pathway": "CAP"}]}',
        '{"choices": {}}', '{"statement": null}', '{"statement": "x", "answer": ["y"]}', '{"opinion_values": 3}',
        '{"family_name": "Roy", "first_name": "Ana", "birth_date": "2011-05-01"}',
        '{"family_name": ["Roy"], "first_name": {}, "birth_date": 20110501}',
    ],
}  # fmt: skip
FIELDS = [name for name in contract.COLUMNS if name != "seq"]
SOUND_LINE = st.tuples(*(st.sampled_from(SOUND[name]) for name in FIELDS))
ODD_ONE = st.tuples(st.integers(0, 5), st.integers(0, len(FIELDS) - 1), st.sampled_from(ODD))


@st.composite
def tables(draw):
    """Lines that the database can read, and now and then one value that is of no sort."""
    lines = [list(line) for line in draw(st.lists(SOUND_LINE, max_size=6))]
    if lines and draw(st.integers(0, 2)) == 0:
        line, field, value = draw(ODD_ONE)
        lines[line % len(lines)][field] = value
    return lines


@settings(
    max_examples=2000 if LONG else 60, deadline=None, derandomize=not LONG, database=None,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
@given(lines=tables())
def test_every_table_is_reported_line_by_line_or_refused_whole(client, lines):
    text, uuid = StringIO(), uuid4()
    csv.writer(text, lineterminator="\n").writerows((seq, *line) for seq, line in enumerate(lines, start=1))
    body = f"{HEADER}\n{text.getvalue()}".encode()
    reply = put(client, body, uuid=uuid, **{contract.H_LINES: str(len(lines))})
    if reply.status_code == 400:
        assert reply.json()["code"] in {"UNREADABLE", "WRONG_LINES"}
        assert get(client, contract.report_path(uuid)).status_code == 404
        return
    said = get(client, contract.report_path(uuid)).json()
    assert said.pop("read") == sum(said.values()) == len(lines)
    assert get(client, contract.report_lines_path(uuid, after=0)).headers[contract.H_LINES] == str(len(lines))


def test_sound_tables_are_found_among_them(client):
    """Control: the values above make lines that are accepted, and lines that are not."""
    rows = [
        {name: SOUND[name][0] for name in FIELDS} | {"kind": kind, "payload": "{}"} for kind in ("DIVISION", "OTHER")
    ]
    text, uuid = StringIO(), uuid4()
    csv.writer(text, lineterminator="\n").writerows((seq, *row.values()) for seq, row in enumerate(rows, start=1))
    assert put(client, f"{HEADER}\n{text.getvalue()}".encode(), uuid=uuid).status_code == 202
    assert get(client, contract.report_path(uuid)).json() == {
        "read": 2, "accepted": 1, "rejected": 1, "not_processed": 0,
    }  # fmt: skip
