"""The house keeps its shape: what the reviewer of each change would otherwise have to look for by eye.

That imports run one way is import-linter's work (pyproject.toml), run by `make test` too.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from django.conf import settings
from django.contrib import admin
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from families.admin_base import ScopedModelAdmin
from orientation.refusals import SENTENCES
from orientation.rules import Refusal
from tests import factories

ROOT = settings.BASE_DIR
PROGRAM = ["config", "families", "ledger", "orientation", "siecle_sync"]
OURS = [*PROGRAM, "tests", "tools"]
LONGEST = {"tests": 500}  # a test file is a list of sentences: it may run on
USUAL_LONGEST = 400
DRAWERS = {"core", "common", "utils", "helpers", "services", "misc", "lib", "mixins", "signals"}

# The procedure reads ledger.clock; sessions, retries and the life of a code follow real time.
REAL_TIME = {
    "ledger/clock.py": "the only « now »",
    "ledger/outbox.py": "retries of a letter",
    "ledger/pace.py": "the provider's limit",
    "ledger/tracking.py": "what the provider says, when it says it",
    "orientation/tasks.py": "sessions that have expired",
    "orientation/seeing_as.py": "end of a visit of the staff: a security limit",
    "families/oidc/discovery.py": "age of the keys of an identity provider: a security limit",
    "families/oidc/journeys.py": "life of a journey to an identity provider: a security limit",
    "families/middleware.py": "last activity of a session",
    "families/sessions.py": "the limits of a session",
    "families/keeping.py": "how long what was typed waits for a sign-in",
    "families/reauthentication.py": "the age of a proof: a security limit",
    "families/session_end.py": "the limits of a session",
    "families/views/sessions.py": "last activity of a session",
    "families/arriving.py": "what waits between two pages: a security limit",
    "families/passwords.py": "life of a password code: a security limit",
    "families/sign_in_throttle.py": "the wait after wrong passwords: a security limit",
    "families/forgetting.py": "what signing in leaves behind, and how long",
    "families/throttle.py": "how often something was typed wrong: a security limit",
    "families/second_factor.py": "the wait after wrong digits: a security limit",
    "families/addresses.py": "life of an address code: a security limit",
    "orientation/letters/account.py": "a code that nobody can type any more does not leave",
    "siecle_sync/parts.py": "tries of a part of a night",
}
CLOCKS = {("timezone", "now"), ("datetime", "now"), ("datetime", "utcnow"), ("date", "today"), ("time", "time")}

# Each of these escapes, or was handed HTML already escaped.
TRUSTED_HTML = {
    "orientation/letters/markup.py": "a letter is escaped whole before it is cut into blocks",
    "templates/dsfr_crispy/layout/div.html": "fields already rendered by crispy",
    "templates/dsfr_crispy/layout/fieldset.html": "fields already rendered by crispy",
    "templates/dsfr_crispy/layout/buttonholder.html": "buttons already rendered by crispy",
}

PUBLIC = {
    "health", "journal_key", "admin:login",
    "families:home", "families:sign_in", "families:activate", "families:lost_password", "families:reset_code",
    "families:reset_password", "families:renew_password", "families:accessibility", "families:privacy",
    "families:legal", "families:help",
    "families:sign_in_help", "families:provider_start", "families:provider_return", "families:leave",
    "families:leave_provider", "families:provider_left",
    "families:arrival", "families:arrival_confirm",
    "orientation:sign_out",
}  # fmt: skip
# Programs, not people: a bearer token, or a provider's secret, instead of a session.
BY_TOKEN = {
    "metrics", "brevo_news", "mailjet_news", "siecle_council", "siecle_mock:deposit", "siecle_mock:report",
    "siecle_mock:report_lines", "siecle_mock:feed",
}  # fmt: skip


def python_files(*folders: str) -> Iterator[tuple[str, Path]]:
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                yield str(path.relative_to(ROOT)), path


def trees(*folders: str) -> Iterator[tuple[str, ast.Module]]:
    for name, path in python_files(*folders):
        yield name, ast.parse(path.read_text())


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def templates() -> Iterator[tuple[str, str]]:
    for path in sorted((ROOT / "templates").rglob("*.*")):
        yield str(path.relative_to(ROOT)), path.read_text()


# --- files and functions ----------------------------------------------------------------------------------------------
def test_no_import_hides_inside_a_function() -> None:
    hidden = {
        f"{name}:{inner.lineno}"
        for name, tree in trees(*OURS)
        for function in functions(tree)
        for inner in ast.walk(function)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    }
    assert hidden == set()


def test_no_file_is_too_long_to_be_read_at_once() -> None:
    lengths = {name: len(path.read_text().splitlines()) for name, path in python_files(*OURS)}
    lengths |= {name: len(text.splitlines()) for name, text in templates()}
    long = {name for name, lines in lengths.items() if lines > LONGEST.get(name.split("/")[0], USUAL_LONGEST)}
    assert long == set()


def test_half_of_the_functions_have_fewer_than_ten_lines() -> None:
    lengths = [(one.end_lineno or 0) - one.lineno + 1 for _, tree in trees(*PROGRAM) for one in functions(tree)]
    assert median(lengths) < 10


def test_no_class_has_more_than_two_bases() -> None:
    heirs = {
        f"{name}:{node.name}"
        for name, tree in trees(*PROGRAM)
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and len(node.bases) > 2
    }
    assert heirs == set()


def test_no_drawer_takes_what_has_no_place() -> None:
    parts = {part.removesuffix(".py") for name, _ in python_files(*PROGRAM) for part in name.split("/")}
    assert parts & DRAWERS == set()


# --- one clock, pure rules --------------------------------------------------------------------------------------------
def test_only_the_clock_tells_the_time_of_the_procedure() -> None:
    readers = {
        name
        for name, tree in trees(*PROGRAM)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and (node.value.id, node.attr) in CLOCKS
    }
    assert readers == set(REAL_TIME)


def test_rules_read_neither_a_database_nor_a_clock() -> None:
    ours = {
        module
        for _, tree in trees("orientation/rules")
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for module in ([node.module] if isinstance(node, ast.ImportFrom) else [one.name for one in node.names])
        if module and module.split(".")[0] in {*PROGRAM, "django"}
    }
    pure = {"orientation.enums", "orientation.facts", "orientation.pathways", "orientation.workdays"}
    assert {one for one in ours if not one.startswith("orientation.rules")} <= pure


def test_every_refusal_has_its_sentence() -> None:
    assert set(SENTENCES) == set(Refusal)


# --- doors ------------------------------------------------------------------------------------------------------------
def test_every_admin_page_of_ours_is_scoped() -> None:
    unscoped = {
        model._meta.label
        for model, page in admin.site._registry.items()
        if type(page).__module__.split(".")[0] in PROGRAM and not isinstance(page, ScopedModelAdmin)
    }
    models_of_ours = {
        model._meta.label
        for model, page in admin.site._registry.items()
        if model.__module__.split(".")[0] in PROGRAM and not isinstance(page, ScopedModelAdmin)
    }
    assert unscoped | models_of_ours == set()


def addresses(patterns: Any = None, space: str = "") -> Iterator[tuple[str, Any]]:
    """Every (name, view) of the site; those of the admin carry the name of their site."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLPattern):
            yield f"{space}{pattern.name}", pattern.callback
        else:
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from addresses(pattern.url_patterns, inner)


def test_only_the_return_from_a_provider_writes_by_get() -> None:
    assert {name for name, view in addresses() if getattr(view, "writes_on_get", False)} == {"families:provider_return"}


def is_public(view: Any) -> bool:
    return not getattr(view, "login_required", True)


def test_only_the_addresses_of_the_list_are_open_to_anyone() -> None:
    assert {name for name, view in addresses() if is_public(view)} == PUBLIC | BY_TOKEN


def test_only_programs_with_a_token_do_without_the_cross_site_check() -> None:
    exempt = {name for name, view in addresses() if getattr(view, "csrf_exempt", False)}
    assert exempt == BY_TOKEN


VERBS = {
    "entry_validate", "entry_cancel", "entry_up", "entry_down", "entry_move", "entry_remove", "entry_object",
    "acknowledge",
    "confirm_answer", "answer", "agree",
}  # fmt: skip
FORMS = {"entry_add", "entry_edit"}  # a page that shows a form and receives it
SCREENS = {
    "dossier",
    "entry",
    "opinions",
    "proposals",
    "agreement",
    "decision",
    "history",
    "sheet",
    "attestation",
    "appeal_form",
}


def dossier_address(name: str, family: factories.Family) -> str:
    path: dict[str, Any] = {"uuid": family.dossier.uuid}
    if name.startswith("entry"):
        path["phase"] = "PROVISIONAL"
    if name in {"entry_edit", "entry_up", "entry_down", "entry_move", "entry_remove"}:
        path["rank"] = 1
    return reverse(f"orientation:{name}", kwargs=path)


@pytest.mark.django_db
def test_a_verb_writes_by_post_only_and_a_screen_takes_no_post(client: Client, at: Any) -> None:
    """A verb reached by GET (back from signing in) leads to its screen; ReadOnlyGet would fail any write."""
    at(factories.DURING_INTENTIONS)
    family = factories.family()
    client.force_login(family.mother.user)
    assert {name: client.get(dossier_address(name, family)).status_code for name in VERBS} == dict.fromkeys(VERBS, 302)
    posted = {name: client.post(dossier_address(name, family)).status_code for name in SCREENS}
    assert posted == dict.fromkeys(SCREENS, 405)


def test_every_address_of_a_dossier_is_a_screen_a_form_or_a_verb() -> None:
    known = VERBS | FORMS | SCREENS | {"entry_change", "portal", "sign_out"}
    assert {name for name, _ in addresses() if name.startswith("orientation:")} == {
        f"orientation:{one}" for one in known
    }


# --- templates --------------------------------------------------------------------------------------------------------
def test_nothing_is_trusted_as_html_but_what_was_escaped() -> None:
    trusting = {
        name
        for name, tree in trees(*PROGRAM)
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and node.id in {"mark_safe", "SafeText"}
    }
    trusting |= {name for name, text in templates() if re.search(r"\|\s*safe(seq)?\b|autoescape off", text)}
    assert trusting - {name for name in trusting if name.endswith(".txt")} == set(TRUSTED_HTML)


TAG = re.compile(r"\{%.*?%\}", re.DOTALL)
INLINE = re.compile(r"<style|\sstyle\s*=|<script(?![^>]*\ssrc=)|\son[a-z]+\s*=\s*[\"']|javascript:", re.IGNORECASE)


def test_pages_hold_no_style_and_no_script_of_their_own() -> None:
    """The content security policy would refuse them. An e-mail has no style sheet: its own is allowed."""
    pages = {name: TAG.sub("", text) for name, text in templates() if not name.startswith("templates/emails/")}
    assert {name for name, text in pages.items() if INLINE.search(text)} == set()
