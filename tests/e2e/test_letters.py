"""The letters as a mail client shows them: on a phone, at a desk, in the dark; nothing axe finds, nothing cut off."""

from typing import Literal

import pytest
from django.urls import reverse

from orientation.letters.account_samples import account_samples
from orientation.letters.samples import samples
from tests import factories
from tests.e2e.conftest import Opens
from tests.e2e.quality import axe_faults, cut_off

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
ONE_OF_EACH_KIND = list({one.kind: one for one in (*samples(), *account_samples())}.values())
PHONE, DESK = {"width": 375, "height": 700}, {"width": 1280, "height": 900}
READABLE = 16  # pixels


@pytest.mark.parametrize("light", ["light", "dark"])
def test_each_letter_is_sound_on_a_phone(light: Literal["light", "dark"], opens: Opens) -> None:
    page = opens(factories.staff(factories.school()), viewport=PHONE, color_scheme=light)
    for sample in ONE_OF_EACH_KIND:
        page.goto(reverse("sample_letter_html", kwargs={"slug": sample.slug}))
        assert (sample.slug, axe_faults(page)) == (sample.slug, [])
        assert (sample.slug, cut_off(page)) == (sample.slug, {})


def test_a_letter_is_large_enough_to_read_and_no_wider_than_a_column(opens: Opens) -> None:
    page = opens(factories.staff(factories.school()), viewport=DESK)
    page.goto(reverse("sample_letter_html", kwargs={"slug": "recapitulatif"}))
    sizes = page.evaluate("[...document.querySelectorAll('main *')].map(e => parseFloat(getComputedStyle(e).fontSize))")
    assert min(sizes) >= READABLE
    column = page.locator("main").bounding_box()
    assert column and column["width"] <= 600
    assert not page.locator("body > div").is_visible()


def test_a_letter_follows_the_dark_of_the_phone(opens: Opens) -> None:
    page = opens(factories.staff(factories.school()), viewport=PHONE, color_scheme="dark")
    page.goto(reverse("sample_letter_html", kwargs={"slug": "recapitulatif"}))
    assert page.evaluate("getComputedStyle(document.querySelector('main')).backgroundColor") == "rgb(30, 30, 30)"


def test_the_page_of_a_letter_shows_its_html_in_a_frame(opens: Opens) -> None:
    page = opens(factories.staff(factories.school()), viewport=DESK)
    page.goto(reverse("sample_letter", kwargs={"slug": "recapitulatif"}))
    page.frame_locator("iframe").get_by_role("heading", name="Saisie des intentions").wait_for()
