"""/admin/bac-a-sable/courriels/: staff read every letter, about nobody, before any is sent."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from orientation import letters
from orientation.letters.account_samples import account_samples
from orientation.letters.rendering import OF_ACCOUNTS
from orientation.letters.samples import Sample, samples
from tests import factories
from tests.admin.world import client_of
from tests.orientation.letter_box import html_says_the_same

EVERY = samples()
HOUR = re.compile(r"\d{1,2}\u00a0h\u00a0\d\d(?! \(heure de Paris\))")
BEFORE_A_MARK = re.compile(r"[^\u00a0\u202f](?:[;!?»]|:(?!//|\d))|«[^\u00a0\u202f]")


@pytest.fixture
def reader() -> Client:
    return client_of(factories.staff(factories.school(), "READER"))


def address(name: str, sample: Sample) -> str:
    return reverse(name, kwargs={"slug": sample.slug})


def test_every_kind_of_letter_has_a_sample() -> None:
    assert {one.kind for one in EVERY} == set(letters.KINDS)
    assert {one.kind for one in account_samples()} == set(OF_ACCOUNTS)
    slugs = [one.slug for one in (*EVERY, *account_samples())]
    assert len(set(slugs)) == len(slugs)


def test_no_sample_reads_a_database() -> None:
    for sample in EVERY:
        assert sample.letter.text  # this test may not open one: a query would fail


@pytest.mark.parametrize("sample", EVERY, ids=lambda one: one.slug)
def test_text_and_html_say_the_same_and_both_are_valid(sample: Sample) -> None:
    html_says_the_same(sample.letter)


@pytest.mark.parametrize("sample", EVERY, ids=lambda one: one.slug)
def test_every_letter_names_the_child_the_school_and_the_zone_of_its_hours(sample: Sample) -> None:
    letter = sample.letter
    assert letter.subject.startswith("[ORIENTATION] ")
    assert "Camille Diallo" in letter.text and "04 00 00 00 00" in letter.text
    assert letter.sender == "Service Orientation <orientation@ac-lyon.invalid>"
    assert letter.reply_to == "ce.0690001a@ac-lyon.invalid"
    assert HOUR.search(letter.text) is None
    body = letter.text.split("— Votre établissement —")[0]
    assert re.search(r"[Cc]ontactez|demandez|établissement peut vous", body)


@pytest.mark.parametrize("sample", EVERY, ids=lambda one: one.slug)
def test_no_letter_holds_a_link_but_to_the_front_page_nor_an_address_but_the_school_s(
    sample: Sample, settings: Any
) -> None:
    letter = sample.letter
    assert set(re.findall(r"https?://\S+", letter.text)) == {f"{settings.PUBLIC_URL}/"}
    assert set(re.findall(r'href="([^"]*)"', letter.html)) == {f"{settings.PUBLIC_URL}/"}
    assert set(re.findall(r"\S+@\S+", letter.text)) == {letter.reply_to}


@pytest.mark.parametrize("sample", EVERY, ids=lambda one: one.slug)
def test_the_typography_is_that_of_a_french_printer(sample: Sample) -> None:
    text = sample.letter.text.replace("http://", "").replace("https://", "").replace("localhost:8000", "")
    assert BEFORE_A_MARK.findall(text) == []
    assert "'" not in text


@pytest.mark.django_db
def test_the_list_leads_to_each_letter(reader: Client) -> None:
    page = reader.get(reverse("sample_letters"))
    shown = page.content.decode()
    assert all(reverse("sample_letter", kwargs={"slug": one.slug}) in shown for one in (*EVERY, *account_samples()))


@pytest.mark.django_db
def test_a_letter_is_read_as_text_and_as_html_under_a_policy_of_its_own(reader: Client) -> None:
    sample = EVERY[0]
    page = reader.get(address("sample_letter", sample))
    assert page.context["letter"].text == sample.letter.text
    framed = reader.get(address("sample_letter_html", sample))
    assert framed.content.decode() == sample.letter.html
    assert framed["Content-Security-Policy"] == (
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"
    )
    assert framed["X-Frame-Options"] == "SAMEORIGIN"
    assert "unsafe-inline" not in page["Content-Security-Policy"]


@pytest.mark.django_db
def test_an_unknown_letter_is_not_found(reader: Client) -> None:
    assert reader.get(reverse("sample_letter", kwargs={"slug": "nulle-part"})).status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["sample_letters", "sample_letter", "sample_letter_html"])
def test_these_pages_do_not_exist_outside_a_sandbox(name: str, reader: Client, settings: Any) -> None:
    where = reverse(name) if name == "sample_letters" else address(name, EVERY[0])
    assert reader.get(where).status_code == 200
    settings.SANDBOX = False
    assert reader.get(where).status_code == 404
