"""The letters about an account: their whole text, and what they never hold (ACC-09)."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from orientation.letters.account_samples import ADDRESS, CODE, AccountSample, account_samples
from orientation.letters.rendering import OF_ACCOUNTS
from orientation.letters.samples import samples
from tests import factories
from tests.admin.test_sample_letters import BEFORE_A_MARK
from tests.admin.world import client_of
from tests.orientation.letter_box import matches_snapshot

EVERY = account_samples()
each = pytest.mark.parametrize("sample", EVERY, ids=lambda one: one.kind)


def test_every_kind_has_a_sample_and_an_address_of_its_own() -> None:
    assert {one.kind for one in EVERY} == set(OF_ACCOUNTS)
    slugs = [one.slug for one in (*samples(), *EVERY)]
    assert len(set(slugs)) == len(slugs)


@each
def test_the_whole_letter_in_both_versions(sample: AccountSample) -> None:
    matches_snapshot(sample.letter, f"account_{sample.kind}")


@each
def test_no_link_no_address_but_the_school_s_and_french_typography(sample: AccountSample) -> None:
    text = sample.letter.text
    assert "http" not in text and "href" not in sample.letter.html
    assert set(re.findall(r"\S+@\S+", text)) <= {one.email for one in sample.envelope.schools}
    assert ADDRESS not in text
    assert BEFORE_A_MARK.findall(text) == [] and "'" not in text


@each
def test_the_code_is_not_in_what_a_locked_phone_shows(sample: AccountSample) -> None:
    preview = re.search(r"<div[^>]*display:none[^>]*>(.*?)</div>", sample.letter.html)
    assert preview and preview[1]
    assert CODE not in preview[1] + sample.letter.subject


@pytest.mark.django_db
@each
def test_staff_of_a_sandbox_read_it(sample: AccountSample) -> None:
    reader: Client = client_of(factories.staff(factories.school(), "READER"))
    where = reverse("sample_letter", kwargs={"slug": sample.slug})
    assert where in reader.get(reverse("sample_letters")).content.decode()
    assert reader.get(where).context["letter"].text == sample.letter.text
