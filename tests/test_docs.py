"""The documents say true things: what docs/regles.md names exists, and what the code quotes is in docs/regles.md."""

import ast
import re
from functools import cache, reduce
from importlib import import_module
from pathlib import Path

from django.conf import settings

from orientation.models import Campaign
from orientation.models.campaign import DEFAULT_POLICIES
from orientation.models.triggers import POLICIES

ROOT = settings.BASE_DIR
RULES = ROOT / "docs" / "regles.md"
LAST = {"CAL": 10, "ACC": 9, "ENT": 12, "OPI": 5, "ANS": 9, "MAI": 9, "SIE": 10, "P2G": 4, "DOC": 2}
RULE_ID = re.compile(rf"\b(?:{'|'.join(LAST)})-\d\d\b")
QUOTING = ["config", "families", "ledger", "orientation", "siecle_sync", "templates", "static", "tests"]
FIELD = re.compile(r"^- (Source|Code|Test|Pas encore)\s: (.*)$", re.MULTILINE)
HERE = ["README.md", "CHANGELOG.md"]


@cache
def rules() -> dict[str, dict[str, str]]:
    """Rule id → its fields, as the document tells them."""
    sections = re.split(r"^### ", RULES.read_text(), flags=re.MULTILINE)[1:]
    return {one.split("\n", 1)[0].strip(): dict(FIELD.findall(one)) for one in sections}


def quoted(field: str) -> set[str]:
    return {name for fields in rules().values() for name in re.findall(r"`([^`]+)`", fields.get(field, ""))}


@cache
def functions_of(path: str) -> set[str]:
    if not (ROOT / path).is_file():
        return set()
    return {node.name for node in ast.walk(ast.parse((ROOT / path).read_text())) if isinstance(node, ast.FunctionDef)}


def exists(name: str) -> bool:
    """A file, or `module:name.of.something` that imports."""
    if "/" in name:
        return (ROOT / name).is_file()
    module, _, path = name.partition(":")
    try:
        reduce(getattr, path.split("."), import_module(module))
    except (ImportError, AttributeError):
        return False
    return True


def texts(*folders: str) -> list[Path]:
    return [
        path
        for folder in folders
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".py", ".html", ".txt", ".js", ".css"}
    ]


def test_the_list_of_rules_has_no_hole() -> None:
    expected = {f"{family}-{number:02}" for family, last in LAST.items() for number in range(family != "ENT", last + 1)}
    assert set(rules()) == expected


def test_every_rule_quoted_in_the_code_is_in_the_list() -> None:
    unknown = {
        f"{path.relative_to(ROOT)}: {rule}"
        for path in texts(*QUOTING)
        for rule in RULE_ID.findall(path.read_text(errors="replace"))
        if rule not in rules()
    }
    assert unknown == set()


def test_every_rule_has_its_source_and_its_code_and_its_proof_or_says_what_is_missing() -> None:
    lacking = {
        rule
        for rule, fields in rules().items()
        if "Source" not in fields or ("Pas encore" not in fields and not {"Code", "Test"} <= fields.keys())
    }
    assert lacking == set()


def test_what_a_rule_says_applies_it_exists() -> None:
    assert {name for name in quoted("Code") if not exists(name)} == set()


def test_what_a_rule_says_proves_it_exists() -> None:
    proofs = {tuple(name.split("::")) for name in quoted("Test")}
    assert {(path, function) for path, function in proofs if function not in functions_of(path)} == set()


def documents() -> list[Path]:
    return [*(ROOT / name for name in HERE), *sorted((ROOT / "docs").rglob("*.md"))]


def test_links_between_documents_lead_somewhere() -> None:
    links = {(path, link) for path in documents() for link in re.findall(r"\]\(([^)#\s]+)", path.read_text())}
    assert {link for path, link in links if "://" not in link and not (path.parent / link).exists()} == set()


def test_every_value_read_from_the_environment_is_in_the_readme() -> None:
    source = (ROOT / "config" / "settings.py").read_text()
    names = set(re.findall(r"\b(?:text|flag|words)\(\s*\"([A-Z_]+)\"", source))
    told = set(re.findall(r"`([A-Z_]+)`", (ROOT / "README.md").read_text()))
    assert names - told == set()


def test_every_decision_record_is_in_the_index() -> None:
    index = (ROOT / "docs" / "adr" / "README.md").read_text()
    records = {path.name for path in (ROOT / "docs" / "adr").glob("0*.md")}
    assert {name for name in records if f"({name})" not in index} == set()


POLICY = re.compile(r"\| `(\w+)`\s: `([^`]+)`, `([^`]+)` \|$", re.MULTILINE)


def test_the_table_of_contradictions_names_each_policy_with_its_defaults() -> None:
    said = {name: (third, second) for name, third, second in POLICY.findall(RULES.read_text())}
    defaults = {
        level: {name: str(getattr(Campaign(level=level, **values), name)) for name in said}
        for level, values in DEFAULT_POLICIES.items()
    }
    assert said == {name: (defaults["3E"][name], defaults["2GT"][name]) for name in said}
    assert {*said, "opinion_values", "specialties", "specialties_if_outside"} == set(POLICIES)
