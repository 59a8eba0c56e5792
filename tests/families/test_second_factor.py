"""The staff's second factor: a password alone opens no page of theirs; families are never asked."""

import re
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.test import Client
from django.urls import reverse
from django_otp.oath import totp
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from families import second_factor
from families.models import User
from ledger.models import JournalEntry
from tests import factories
from tests.admin.world import BOTH
from tests.authorisation.addresses import every_address, path_of
from tests.authorisation.table import ROWS
from tests.families.test_pages import valid_page
from tests.families.test_signin import sign_in

pytestmark = pytest.mark.django_db(databases=BOTH)
CODE, RECOVERY, PHONE = (reverse(f"families:{name}") for name in ("second_factor", "recovery_code", "phone"))
INDEX = reverse("admin:index")


@pytest.fixture(autouse=True)
def asked_of_the_staff(settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = True


@pytest.fixture
def head() -> User:
    return factories.staff(factories.school())


def signed_in(user: User) -> Client:
    """With a password only."""
    client = Client()
    assert sign_in(client, user).status_code == 302
    return client


def digits(phone: TOTPDevice, *, steps: int = 0) -> str:
    """What the phone shows, or what it showed or will show so many times 30 seconds from now."""
    return f"{totp(phone.bin_key, t0=-30 * steps):06}"


def set_up(user: User) -> tuple[Client, list[str]]:
    """A phone is registered, by the pages; return the browser and the recovery codes it was shown."""
    client = signed_in(user)
    client.post(PHONE, {"commencer": "1"})
    shown = client.post(PHONE, {"code": digits(TOTPDevice.objects.get(user=user, confirmed=False))})
    return client, shown.context["codes"]


def opens_the_admin(client: Client) -> bool:
    return client.get(INDEX).status_code == 200


def refused(response: Any) -> str:
    """The sentence under the code."""
    assert response.status_code == 200
    return str(response.context["form"].errors["code"][0])


def says(code: str) -> str:
    return second_factor.REFUSALS[code].partition("{")[0]


# --- the gate ---------------------------------------------------------------------------------------------------------
def doors() -> list[str]:
    """Every address of the admin but its own sign-in, for a dossier that nobody has."""
    family = factories.family()
    made = {key: route for key, route in every_address().items() if route.startswith("admin/") and key in ROWS}
    return [
        path_of(key, route, uuid=family.dossier.uuid, phase="PROVISIONAL", objects={})
        for key, route in made.items()
        if key != "admin:login"
    ]


@pytest.mark.parametrize("has_a_phone", [False, True])
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_password_alone_opens_no_door_of_the_admin(method: str, has_a_phone: bool) -> None:
    """Not even a superuser's."""
    user = factories.user(is_staff=True, is_superuser=True)
    if has_a_phone:
        set_up(user)
    client = signed_in(user)
    paths = doors()
    assert len(paths) > 100
    led = {path: getattr(client, method)(path) for path in paths}
    where = {path: urlsplit(one.headers.get("Location", "")).path for path, one in led.items()}
    own_ways = {reverse("admin:login"), INDEX}  # the admin's sign-out leads home, which is closed too
    assert {path for path, one in led.items() if one.status_code != 302 or where[path] not in own_ways} == set()
    assert not opens_the_admin(client)


def test_the_sign_in_page_leads_to_the_digits_then_to_the_page_asked_for(head: User) -> None:
    """The one door, where the admin's own address leads too."""
    set_up(head)
    client, wanted = Client(), reverse("admin:orientation_dossier_changelist")
    door = client.get(wanted, follow=True).redirect_chain[-1][0]
    assert unquote(door) == f"/connexion/?next={wanted}"
    typed = {"username": head.username, "password": "mot-de-passe-solide", "next": wanted}
    led = client.post(door, typed, follow=True)
    assert unquote(led.redirect_chain[-1][0]) == f"{CODE}?next={wanted}"
    done = client.post(CODE, {"code": digits(TOTPDevice.objects.get(user=head), steps=1), "next": wanted})
    assert done.url == wanted
    assert client.get(wanted).status_code == 200


def test_who_has_no_phone_yet_is_led_to_register_one(head: User) -> None:
    assert signed_in(head).get(INDEX, follow=True).redirect_chain[-1][0].startswith(PHONE)


def test_the_digits_lead_nowhere_else_than_this_site(head: User) -> None:
    set_up(head)
    typed = {"code": digits(TOTPDevice.objects.get(user=head), steps=1), "next": "https://ailleurs.invalid/"}
    assert signed_in(head).post(CODE, typed).url == INDEX


def test_a_family_is_never_asked_and_finds_no_such_page() -> None:
    client = signed_in(factories.family().mother.user)
    assert client.get("/mes-services/").status_code == 200
    assert {client.get(path).status_code for path in (CODE, RECOVERY, PHONE)} == {404}


def test_where_it_is_off_the_password_is_enough(head: User, settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = False
    client = signed_in(head)
    assert opens_the_admin(client)
    assert client.get(CODE).status_code == 404


def test_the_check_before_production_wants_it_and_a_sandbox_does_without(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DJANGO_ALLOW_ASYNC_UNSAFE", raising=False)  # browser tests set it for the whole process
    settings.SANDBOX, settings.STAFF_SECOND_FACTOR = False, False
    with pytest.raises(SystemCheckError, match=r"orientation\.E005"):
        call_command("check", deploy=True)
    settings.STAFF_SECOND_FACTOR = True
    call_command("check", deploy=True)


# --- the digits -------------------------------------------------------------------------------------------------------
def test_wrong_digits_are_refused_and_the_next_try_waits(head: User) -> None:
    set_up(head)
    client, phone = signed_in(head), TOTPDevice.objects.get(user=head)
    right = digits(phone, steps=1)
    wrong = "000000" if right != "000000" else "111111"
    assert refused(client.post(CODE, {"code": wrong})) == says("CODE_WRONG")
    TOTPDevice.objects.update(throttling_failure_count=9)  # 256 seconds
    assert refused(client.post(CODE, {"code": right})).startswith(says("CODE_WAIT"))
    assert not opens_the_admin(client)


def test_digits_that_have_served_serve_no_second_time(head: User) -> None:
    set_up(head)
    code = digits(TOTPDevice.objects.get(user=head), steps=1)
    assert signed_in(head).post(CODE, {"code": code}).status_code == 302
    again = signed_in(head)
    assert refused(again.post(CODE, {"code": code})) == says("CODE_WRONG")
    assert not opens_the_admin(again)


def test_another_s_phone_opens_nothing(head: User) -> None:
    colleague = factories.staff(factories.school())
    set_up(head), set_up(colleague)
    client = signed_in(head)
    client.post(CODE, {"code": digits(TOTPDevice.objects.get(user=colleague), steps=1)})
    assert not opens_the_admin(client)


def test_the_session_that_the_digits_open_has_another_key(head: User) -> None:
    set_up(head)
    client = signed_in(head)
    before = client.session.session_key
    client.post(CODE, {"code": digits(TOTPDevice.objects.get(user=head), steps=1)})
    assert opens_the_admin(client) and client.session.session_key != before


# --- the phone --------------------------------------------------------------------------------------------------------
def test_registering_shows_a_picture_the_same_secret_in_letters_and_ten_codes_once(head: User) -> None:
    client = signed_in(head)
    assert not TOTPDevice.objects.exists()
    assert "<img" not in valid_page(client.get(PHONE))
    client.post(PHONE, {"commencer": "1"})
    phone, shown = TOTPDevice.objects.get(), client.get(PHONE)
    assert 'src="data:image/svg+xml' in valid_page(shown)
    assert shown.context["secret"].replace(" ", "") in phone.config_url
    assert not phone.confirmed and not opens_the_admin(client)
    done = client.post(PHONE, {"code": digits(phone)})
    valid_page(done)
    codes = done.context["codes"]
    assert len(set(codes)) == 10 and "no-store" in done["Cache-Control"]
    assert opens_the_admin(client)
    assert codes[0] not in client.get(PHONE).content.decode()
    assert JournalEntry.objects.get(verb="second_factor_set").actor_uuid == head.uuid


def test_wrong_digits_register_no_phone(head: User) -> None:
    client = signed_in(head)
    client.post(PHONE, {"commencer": "1"})
    right = {digits(TOTPDevice.objects.get(), steps=step) for step in (-1, 0, 1, 2)}
    wrong = next(one for one in ("000000", "111111", "222222", "333333", "444444") if one not in right)
    assert refused(client.post(PHONE, {"code": wrong})) == says("CODE_WRONG")
    assert not TOTPDevice.objects.get().confirmed and not StaticToken.objects.exists()
    assert TOTPDevice.objects.get().throttling_failure_count == 1


def test_the_secret_is_shown_to_the_browser_that_drew_it_alone(head: User) -> None:
    """Who stole the password and looks on while the phone is set up would keep its digits for ever."""
    own, thief = signed_in(head), signed_in(head)
    own.post(PHONE, {"commencer": "1"})
    phone = TOTPDevice.objects.get()
    assert second_factor.secret(phone) in own.get(PHONE).content.decode().replace(" ", "")
    assert second_factor.secret(phone) not in thief.get(PHONE).content.decode().replace(" ", "")
    thief.post(PHONE, {"code": digits(phone)})
    assert not TOTPDevice.objects.filter(confirmed=True).exists() and not opens_the_admin(thief)
    assert own.post(PHONE, {"code": digits(phone)}).context["codes"]


def test_a_password_alone_never_replaces_the_phone_in_use(head: User) -> None:
    set_up(head)
    client, before = signed_in(head), TOTPDevice.objects.get()
    assert client.post(PHONE, {"commencer": "1"}).url == CODE
    assert client.get(PHONE).url == CODE
    assert list(TOTPDevice.objects.all()) == [before]


def test_who_changes_phones_keeps_the_first_until_the_second_has_shown_its_digits(head: User) -> None:
    client, codes = set_up(head)
    first = TOTPDevice.objects.get()
    client.post(PHONE, {"commencer": "1"})
    assert TOTPDevice.objects.filter(pk=first.pk, confirmed=True).exists()
    second = TOTPDevice.objects.get(confirmed=False)
    assert client.post(PHONE, {"code": digits(second)}).context["codes"]
    assert list(TOTPDevice.objects.all()) == [second] and opens_the_admin(client)
    assert refused(signed_in(head).post(RECOVERY, {"code": codes[0]})) == says("CODE_WRONG")


def test_my_account_tells_the_staff_since_when_and_how_many_codes_are_left(head: User) -> None:
    client, codes = set_up(head)
    signed_in(head).post(RECOVERY, {"code": codes[0]})
    phone = client.get(reverse("families:account")).context["phone"]
    assert (phone.since, phone.codes) == (TOTPDevice.objects.get().created_at, 9)


# --- recovery codes ---------------------------------------------------------------------------------------------------
def test_a_recovery_code_opens_once_however_it_is_typed(head: User) -> None:
    _, codes = set_up(head)
    client = signed_in(head)
    assert client.post(RECOVERY, {"code": f" {codes[3].upper().replace('-', ' ')} "}).status_code == 302
    assert opens_the_admin(client)
    assert refused(signed_in(head).post(RECOVERY, {"code": codes[3]})) == says("CODE_WRONG")
    assert JournalEntry.objects.filter(verb="recovery_code_used").count() == 1


def test_no_recovery_code_is_kept_nor_told(head: User) -> None:
    _, codes = set_up(head)
    kept = " ".join(StaticToken.objects.values_list("token", flat=True))
    assert not [code for code in codes if code.replace("-", "") in kept]
    told = str(list(JournalEntry.objects.values_list("data", flat=True)))
    assert not re.search("|".join([*codes, TOTPDevice.objects.get().key]), told)


def test_another_s_recovery_code_opens_nothing(head: User) -> None:
    set_up(head)
    _, codes = set_up(factories.staff(factories.school()))
    assert refused(signed_in(head).post(RECOVERY, {"code": codes[0]})) == says("CODE_WRONG")


# --- a lost phone -----------------------------------------------------------------------------------------------------
def removal(of: User, by: User, **typed: str) -> Any:
    client, _ = set_up(by)
    return client.post(reverse("admin:staff_phone_remove", args=[of.uuid]), typed or {"reason": "perdu"})


def test_the_academie_removes_the_phone_of_a_colleague_of_its_schools(head: User) -> None:
    academy = factories.staff(factories.academy(), "ACADEMY")
    lost, codes = set_up(head)
    assert removal(head, academy).status_code == 302
    assert not opens_the_admin(lost)
    assert not TOTPDevice.objects.filter(user=head).exists()
    assert refused(signed_in(head).post(RECOVERY, {"code": codes[0]})) == says("CODE_WRONG")
    line = JournalEntry.objects.get(verb="second_factor_removed")
    assert (line.actor_uuid, line.data["account"], line.data["reason"]) == (academy.uuid, str(head.uuid), "perdu")


def test_no_reason_no_removal(head: User) -> None:
    set_up(head)
    assert removal(head, factories.staff(factories.academy(), "ACADEMY"), reason=" ").status_code == 422
    assert TOTPDevice.objects.filter(user=head).exists()


def also(user: User, **membership: Any) -> User:
    user.memberships.create(**membership)
    return user


def nobody_s_but_a_superuser_s() -> dict[str, User]:
    """Accounts over which the académie of Lyon has no say."""
    far = factories.academy("28", name="La Réunion")
    school = factories.school()
    boss = factories.staff(school)
    User.objects.filter(pk=boss.pk).update(is_superuser=True)
    return {
        "elsewhere": factories.staff(factories.school(academy=far)),
        "both": also(factories.staff(school), role="HEAD", school=factories.school(academy=far)),
        "colleague of the académie": factories.staff(factories.academy(), "ACADEMY"),
        "head who also governs": also(factories.staff(school), role="ACADEMY", academy=factories.academy()),
        "national": also(factories.staff(school), role="NATIONAL"),
        "superuser": boss,
        "parent": factories.family().mother.user,
    }


def test_the_academie_removes_nobody_else_s_and_a_superuser_may() -> None:
    academy, root = factories.staff(factories.academy(), "ACADEMY"), factories.user(is_staff=True, is_superuser=True)
    client, administrator = set_up(academy)[0], set_up(root)[0]
    for who, user in nobody_s_but_a_superuser_s().items():
        TOTPDevice.objects.create(user=user, name="téléphone")
        where = reverse("admin:staff_phone_remove", args=[user.uuid])
        assert client.post(where, {"reason": "perdu"}).status_code == 404, who
        assert TOTPDevice.objects.filter(user=user).exists(), who
        listed = client.get(reverse("admin:staff_phones")).context["phones"]
        assert user not in [one.user for one in listed], who
        assert administrator.post(where, {"reason": "perdu"}).status_code == (404 if who == "parent" else 302), who


@pytest.mark.parametrize("role", ["READER", "SECRETARY", "HEAD"])
def test_a_school_removes_no_phone(head: User, role: str) -> None:
    set_up(head)
    assert removal(head, factories.staff(head.memberships.get().school, role)).status_code == 403
    assert TOTPDevice.objects.filter(user=head).exists()


def test_the_pages_of_phones_cost_the_same_whatever_their_number(django_assert_max_num_queries: Any) -> None:
    client, _ = set_up(factories.staff(factories.academy(), "ACADEMY"))
    for _ in range(5):
        TOTPDevice.objects.create(user=factories.staff(factories.school()), name="téléphone")
    with django_assert_max_num_queries(8):
        shown = client.get(reverse("admin:staff_phones"))
    assert len(shown.context["phones"]) == 5
    found = client.get(reverse("admin:staff_phones"), {"q": shown.context["phones"][0].user.username})
    assert len(found.context["phones"]) == 1


@pytest.mark.parametrize("path", [CODE, RECOVERY])
def test_the_pages_of_codes_are_valid_with_and_without_their_error(head: User, path: str) -> None:
    set_up(head)
    client = signed_in(head)
    valid_page(client.get(path))
    assert 'role="alert"' in valid_page(client.post(path, {"code": ""}))
