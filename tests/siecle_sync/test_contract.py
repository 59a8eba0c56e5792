"""The contract as data, its documents and what the code says hold together."""

import re
from pathlib import Path

import pytest
from django.urls import resolve

from siecle_sync import change_checks, checks, contract
from siecle_sync.mock import processing

DOCS = Path(__file__).parents[2] / "docs"
CHECKS = (*checks.KNOWN, *checks.FORM, *checks.TIME, *checks.ENTRY, *checks.STATEMENT, *checks.ANSWER, *checks.DECISION)
OUTCOMES = (*processing.COMMON_OUTCOMES, *processing.ENTRY_OUTCOMES, *sum(processing.FACT_OUTCOMES.values(), ()))


def test_every_refusal_has_its_sentence():
    changes = (change_checks.SUPERSEDED, change_checks.SAME_LIST, *change_checks.REFUSED)
    codes = {code for _, code, _ in (*CHECKS, *checks.STATEMENT_LATE, *changes) if code}
    codes |= {code for _, code, _ in OUTCOMES if code}
    assert codes <= contract.SENTENCES.keys()


def test_sentences_fit_where_they_are_kept():
    assert max(map(len, contract.SENTENCES.values())) <= 200
    assert max(map(len, contract.SENTENCES)) <= 24


def test_the_table_of_lines_in_the_documentation_is_the_contract():
    text = (DOCS / "echange-siecle.md").read_text()
    columns = re.findall(r"^\| `(\w+)` \| (?:bigint|text|integer|timestamptz|jsonb) \|", text, flags=re.M)
    assert tuple(columns) == tuple(contract.COLUMNS)
    kinds = re.findall(r"^\| `([A-Z_]+)` \| [^|]+ \| `\{", text, flags=re.M)
    assert set(kinds) == {*contract.SENT, *contract.RECEIVED}
    assert f"version {contract.VERSION}" in text
    assert f"| {contract.VERSION} |" in text


def test_the_table_of_codes_in_the_documentation_is_the_contract():
    text = (DOCS / "echange-siecle.md").read_text().replace("\u00a0", " ")
    table = dict(re.findall(r"^\| `([A-Z_]+)` \| ([^|]+) \|$", text, flags=re.M))
    assert table == {code: sentence.replace("\u00a0", " ") for code, sentence in contract.SENTENCES.items()}


@pytest.mark.parametrize(
    "path", re.findall(r"^  (/\S+):$", (DOCS / "echange-siecle.openapi.yaml").read_text(), flags=re.M)
)
def test_every_address_of_the_api_description_is_served(path):
    assert resolve(path.replace("{id}", "7c9e6679-7425-40de-944b-e07fc1f90ae7"))


def test_every_header_is_in_the_api_description():
    text = (DOCS / "echange-siecle.openapi.yaml").read_text()
    headers = {value for name, value in vars(contract).items() if name.startswith("H_")}
    assert all(header in text for header in headers)
