"""What was typed goes back into the fields of its form, and into nothing else of the page (ENT-07)."""

import pytest

from families.refill import Refilled, refill

PAGE = """<!DOCTYPE html>
<body><form method="post" action="/deconnexion/"><input type="hidden" name="csrfmiddlewaretoken" value="neuf"></form>
<main id="contenu">
<form method="get" action="/la/"><input type="search" name="q"></form>
<form method="post" action="{action}">
<input type="hidden" name="csrfmiddlewaretoken" value="neuf"><input type="hidden" name="shown" value="v1">
<input name="nom" value="avant"><input type="password" name="password"><input type="file" name="papier">
<input type="checkbox" name="oui" value="a" checked><input type="checkbox" name="oui" value="b">
<input type="radio" name="voie" value="1" checked><input type="radio" name="voie" value="2" />
<select name="rang"><option value="1" selected>un</option><option value="2">deux</option></select>
<textarea name="motif" rows="3">
avant</textarea>
<button name="nom" value="bouton">Envoyer</button>
</form></main></body>"""
TYPED = {
    "shown": ["v1"], "nom": ['« "moi" & <b>'], "oui": ["b"], "voie": ["2"], "rang": ["2"],
    "motif": ["</textarea><script>"], "password": ["secret"], "csrfmiddlewaretoken": ["vieux"],
}  # fmt: skip


def filled(action: str = "/la/envoi/", here: str = "/la/", *, landing: bool = False, **typed: list[str]) -> Refilled:
    html = PAGE.replace("{action}", action)
    return refill(html, here=here, path="/la/envoi/", values={**TYPED, **typed}, landing=landing)


def test_each_kind_of_field_holds_again_what_was_typed() -> None:
    html = filled().html
    assert '<input name="nom" value="« &quot;moi&quot; &amp; &lt;b&gt;">' in html
    assert '<input type="checkbox" name="oui" value="a">' in html
    assert '<input type="checkbox" name="oui" value="b" checked="checked">' in html
    assert '<input type="radio" name="voie" value="1">' in html
    assert '<input type="radio" name="voie" value="2" checked="checked">' in html
    assert '<option value="1">un</option><option value="2" selected="selected">' in html
    assert '<textarea name="motif" rows="3">\n&lt;/textarea&gt;&lt;script&gt;</textarea>' in html


def test_tokens_secrets_files_buttons_and_the_rest_of_the_page_stay_as_they_are() -> None:
    html = filled().html
    assert "vieux" not in html and "secret" not in html
    for kept in ('value="neuf"', '<input type="password" name="password">', '<input type="file" name="papier">',
                 '<button name="nom" value="bouton">', '<input type="search" name="q">'):  # fmt: skip
        assert html.count(kept) == PAGE.count(kept)
    assert html[: html.index("<main")] == PAGE[: PAGE.index("<main")]


@pytest.mark.parametrize(
    ("action", "here", "landing", "found"),
    [
        ("/la/envoi/", "/la/", False, True),
        ("", "/la/envoi/", False, True),
        ("envoi/?page=2", "/la/", False, True),
        ("/ailleurs/", "/la/", False, False),
        ("/ailleurs/", "/la/", True, True),  # the page that the address leads to asks for the same things
    ],
)
def test_only_the_form_that_was_sent_is_filled(action: str, here: str, landing: bool, found: bool) -> None:
    done = filled(action, here, landing=landing)
    assert done.found is found
    assert ('value="« ' in done.html) is found


def test_a_page_that_shows_something_else_is_left_as_it_is() -> None:
    done = filled(shown=["v0"])
    assert (done.found, done.same) == (True, False)
    assert done.html == PAGE.replace("{action}", "/la/envoi/")


def test_the_note_stands_at_the_beginning_of_the_content() -> None:
    assert '<main id="contenu">NOTE' in filled().with_note("NOTE")
    assert refill("<p>rien</p>", here="/", path="/", values={}, landing=True).with_note("NOTE") == "<p>rien</p>"
