"""The table: one row for each address of the site, who may read it (GET) and who may write there (POST).

A key is the name of the address, or its path where Django gives it no name. `test_matrix.py` holds that every address
has its row and every row its address.
"""

from dataclasses import dataclass

from tests.authorisation.access import (
    ACCOUNT,
    ACCOUNT_LED,
    ACCOUNT_READ_ONLY,
    BAD,
    BADLY_FILLED,
    DRAFT_FORGOTTEN,
    EACH_ACADEMY,
    EACH_ACADEMY_NOWHERE,
    EACH_ACADEMY_TYPES,
    EVERY_READER,
    EVERY_READER_FINDS,
    EVERY_STAFF,
    EVERY_STAFF_LED,
    EVERY_STAFF_NO_METHOD,
    EVERY_STAFF_NOWHERE,
    EVERY_STAFF_REFUSED,
    FAMILY_IS_LED,
    FAMILY_READS,
    FAMILY_READS_THE_APPEAL_FORM,
    HOLDER_ANSWERS,
    HOLDER_IS_ASKED_TO_CONFIRM,
    HOLDER_OPENS_THE_FORM,
    HOLDER_WRITES,
    LEAVING_THE_ADMIN,
    LED_AWAY,
    LED_TO_THE_ONE_DOOR,
    NEVER_SO,
    NIGHTS,
    NO_IDENTITY,
    NO_METHOD,
    NO_SECOND_FACTOR,
    NOT_OFFERED,
    NOWHERE,
    OK,
    OTHERS_AGREE,
    OTHERS_OBJECT,
    OVERSEER,
    OWN_ADDRESS,
    OWN_ADDRESS_WRITTEN,
    PUBLIC,
    PUBLIC_FORM_ACCEPTED,
    REPRESENTATIVE_ACKNOWLEDGES,
    SCREEN_TAKES_NO_POST,
    SEE_OTHER,
    STAFF_GUIDE,
    STAFF_GUIDE_READ_ONLY,
    SUPERUSER,
    SUPERUSER_FINDS,
    SUPERUSER_SAVES,
    VISITORS,
    WRONG_SECRET,
    Expects,
    PowerFirst,
    academy_alone,
    academy_governs,
    academy_reads,
    each_visitor,
    head_decides,
    school_edits,
    school_reads,
    school_records,
    school_undoes,
    school_visits,
    school_works,
    with_token,
)
from tests.authorisation.roles import Role
from tests.authorisation.states import When


@dataclass(frozen=True)
class Row:
    """`put` is for the one address that takes nothing else."""

    get: Expects
    post: Expects
    put: Expects | None = None


PAGE = Row(PUBLIC, NEVER_SO)
SCREEN = Row(FAMILY_READS, SCREEN_TAKES_NO_POST)

EVERYONE = {
    "health": Row(PUBLIC, NEVER_SO),
    "journal_key": Row(PUBLIC, NEVER_SO),
    "families:home": PAGE,
    "families:help": PAGE,
    "families:sign_in_help": PAGE,
    "families:accessibility": PAGE,
    "families:privacy": PAGE,
    "families:legal": PAGE,
    "families:sign_in": Row(VISITORS, VISITORS),
    "families:provider_start": Row(NOT_OFFERED, NEVER_SO),
    "families:provider_return": Row(NOT_OFFERED, NEVER_SO),
    "families:leave": Row(LED_AWAY, NEVER_SO),
    "families:leave_provider": Row(LED_AWAY, NEVER_SO),
    "families:provider_left": Row(LED_AWAY, NEVER_SO),
    "families:second_factor": Row(NO_SECOND_FACTOR, NO_SECOND_FACTOR),  # off here: tests/families/test_second_factor.py
    "families:recovery_code": Row(NO_SECOND_FACTOR, NO_SECOND_FACTOR),
    "families:phone": Row(NO_SECOND_FACTOR, NO_SECOND_FACTOR),
    "families:guide": Row(STAFF_GUIDE, STAFF_GUIDE_READ_ONLY),
    "families:activate": Row(VISITORS, VISITORS),
    "families:lost_password": Row(PUBLIC, PUBLIC),
    "families:reset_code": Row(LED_AWAY, LED_AWAY),
    "families:reset_password": Row(LED_AWAY, LED_AWAY),
    "families:renew_password": Row(PUBLIC, PUBLIC),
    "orientation:sign_out": Row(PUBLIC, PUBLIC_FORM_ACCEPTED),
    "families:account": Row(ACCOUNT, ACCOUNT_READ_ONLY),
    "families:address": Row(OWN_ADDRESS, OWN_ADDRESS_WRITTEN),
    "families:address_code": Row(LED_AWAY, LED_AWAY),
    "families:attach": Row(ACCOUNT, ACCOUNT),
    "families:attach_confirm": Row(LED_AWAY, LED_AWAY),
    "families:link_identity": Row(LED_AWAY, LED_AWAY),
    "families:arrival": Row(LED_AWAY, LED_AWAY),
    "families:arrival_confirm": Row(LED_AWAY, LED_AWAY),
    "families:change_password": Row(ACCOUNT, ACCOUNT),
    "families:connections": Row(ACCOUNT, ACCOUNT_READ_ONLY),
    "families:stop_using": Row(NO_IDENTITY, NO_IDENTITY),  # nobody here is linked: tests/families/test_account_ways.py
    "families:close_sessions": Row(ACCOUNT_LED, ACCOUNT_LED),
    "families:close_everywhere": Row(ACCOUNT_LED, ACCOUNT_LED),
    "families:reauthenticate": Row(ACCOUNT, ACCOUNT),
    "families:stay": Row(ACCOUNT_READ_ONLY, ACCOUNT),
    "orientation:portal": Row(ACCOUNT, ACCOUNT_READ_ONLY),
}
OF_THE_FAMILY = {
    "orientation:dossier": SCREEN,
    "orientation:entry": SCREEN,
    "orientation:entry_change": SCREEN,
    "orientation:opinions": SCREEN,
    "orientation:proposals": SCREEN,
    "orientation:agreement": SCREEN,
    "orientation:decision": SCREEN,
    "orientation:history": SCREEN,
    "orientation:sheet": SCREEN,
    "orientation:attestation": SCREEN,
    "orientation:appeal_form": Row(FAMILY_READS_THE_APPEAL_FORM, SCREEN_TAKES_NO_POST),
    "orientation:entry_add": Row(HOLDER_OPENS_THE_FORM, HOLDER_WRITES),
    "orientation:entry_edit": Row(HOLDER_OPENS_THE_FORM, HOLDER_WRITES),
    "orientation:entry_up": Row(FAMILY_IS_LED, HOLDER_WRITES),
    "orientation:entry_down": Row(FAMILY_IS_LED, HOLDER_WRITES),
    "orientation:entry_move": Row(FAMILY_IS_LED, HOLDER_WRITES),
    "orientation:entry_remove": Row(FAMILY_IS_LED, HOLDER_WRITES),
    "orientation:entry_validate": Row(FAMILY_IS_LED, HOLDER_WRITES),
    "orientation:entry_cancel": Row(FAMILY_IS_LED, DRAFT_FORGOTTEN),
    "orientation:entry_object": Row(FAMILY_IS_LED, OTHERS_OBJECT),
    "orientation:acknowledge": Row(FAMILY_IS_LED, REPRESENTATIVE_ACKNOWLEDGES),
    "orientation:confirm_answer": Row(FAMILY_IS_LED, HOLDER_IS_ASKED_TO_CONFIRM),
    "orientation:answer": Row(FAMILY_IS_LED, HOLDER_ANSWERS),
    "orientation:agree": Row(FAMILY_IS_LED, OTHERS_AGREE),
}
NO_OPINION = (When.ENTRY, When.OF_AGE, When.OFF)  # nothing to acknowledge: the wait can be lifted (OPI-05)
OF_THE_SCHOOL = {
    "admin:dossier_release": Row(*head_decides(*When)),
    "admin:dossier_lift": Row(*head_decides(*NO_OPINION)),
    "admin:dossier_meeting": Row(*school_records(When.HEAD)),
    "admin:dossier_appeal": Row(*school_records(When.HEAD)),
    "admin:dossier_contact": Row(*school_records(*When)),
    "admin:dossier_journal": Row(school_visits(), school_visits(BADLY_FILLED)),  # the head, the académie
    "admin:dossier_see_as": Row(school_visits(), school_visits(SEE_OTHER, writes=True)),
}
THE_DOSSIER = {**OF_THE_FAMILY, **OF_THE_SCHOOL}
PROGRAMS = {
    "metrics": Row(with_token(Role.METRICS_TOKEN, OK), with_token(Role.METRICS_TOKEN, NO_METHOD)),
    "brevo_news": Row(NEVER_SO, WRONG_SECRET),
    "mailjet_news": Row(NEVER_SO, WRONG_SECRET),
    "siecle_council": Row(NEVER_SO, with_token(Role.SERVICE_TOKEN, BAD)),
    "siecle_mock:deposit": Row(
        with_token(Role.SIECLE_TOKEN, NO_METHOD),
        with_token(Role.SIECLE_TOKEN, NO_METHOD),
        with_token(Role.SIECLE_TOKEN, BAD),
    ),
    "siecle_mock:report": Row(with_token(Role.SIECLE_TOKEN, NOWHERE), with_token(Role.SIECLE_TOKEN, NO_METHOD)),
    "siecle_mock:report_lines": Row(with_token(Role.SIECLE_TOKEN, NOWHERE), with_token(Role.SIECLE_TOKEN, NO_METHOD)),
    "siecle_mock:feed": Row(with_token(Role.SIECLE_TOKEN, BAD), with_token(Role.SIECLE_TOKEN, NO_METHOD)),
}
STAFF_SITE = {
    "sample_letters": Row(EVERY_STAFF, EVERY_STAFF_NO_METHOD),
    "sample_letter": Row(EVERY_STAFF, EVERY_STAFF_NO_METHOD),
    "sample_letter_html": Row(EVERY_STAFF, EVERY_STAFF_NO_METHOD),
    "sandbox": Row(EACH_ACADEMY, EACH_ACADEMY_TYPES),
    "admin:index": Row(EVERY_STAFF, EVERY_STAFF),
    "admin:login": Row(LED_TO_THE_ONE_DOOR, LED_TO_THE_ONE_DOOR),
    "admin:logout": Row(EVERY_STAFF_NO_METHOD, LEAVING_THE_ADMIN),
    "admin:password_change": Row(EVERY_STAFF_LED, EVERY_STAFF_LED),  # to the page of everybody
    "admin:password_change_done": Row(EVERY_STAFF, EVERY_STAFF_NO_METHOD),
    "admin:autocomplete": Row(EVERY_STAFF_REFUSED, EVERY_STAFF_NO_METHOD),  # asks which list: none was said
    "admin:jsi18n": Row(EVERY_STAFF, EVERY_STAFF_NO_METHOD),
    "admin:view_on_site": Row(EVERY_STAFF_NOWHERE, EVERY_STAFF_NOWHERE),
    "admin:staff_phones": Row(EACH_ACADEMY, EACH_ACADEMY),
    "admin:staff_phone_remove": Row(EACH_ACADEMY_NOWHERE, EACH_ACADEMY_NOWHERE),  # nobody's uuid
    "admin:app_list": Row(EVERY_READER_FINDS, EVERY_READER_FINDS),
    "admin/(?P<url>.*)$": Row(EVERY_STAFF_NOWHERE, EVERY_STAFF_NOWHERE),
    "admin:auth_user_password_change": Row(SUPERUSER, SUPERUSER),
    "admin:orientation_campaign_extend": Row(academy_governs(), academy_governs(SEE_OTHER, writes=True)),
    "admin:night_report": Row(NIGHTS, NIGHTS),
    "admin:rehearsal": Row(PowerFirst(academy_governs()), PowerFirst(academy_governs(SEE_OTHER))),  # a worker plays it
    "admin:mass_change_settle": Row(academy_alone(NO_METHOD), academy_alone(SEE_OTHER, writes=True)),
    "admin:school_life": Row(school_reads(), school_reads()),
    "admin:school_closing": Row(school_works(NO_METHOD), school_works(SEE_OTHER, writes=True)),
    "admin:school_service": Row(school_works(), school_works(SEE_OTHER, writes=True)),
    "admin:school_offer": Row(school_works(), school_works(SEE_OTHER, writes=True)),
    "admin:school_unreachable": Row(school_reads(), school_reads()),
    "admin:school_letters": Row(school_reads(), school_works(SEE_OTHER, writes=True)),
    "admin:family_access": Row(school_works(), school_works(NOWHERE)),  # for nobody of this family
    "admin:attachment_detach": Row(school_undoes(), school_undoes(BADLY_FILLED)),  # no reason was given
    "admin:activation_letters": Row(school_works(), school_works(SEE_OTHER)),  # everybody there has an account
    "admin:siecle_upload": Row(school_works(), school_works(BADLY_FILLED)),  # no file was given
    "admin:siecle_confirm": Row(school_works(NO_METHOD), school_works(SEE_OTHER)),  # another preview than the one seen
    "admin:siecle_drop": Row(school_works(NO_METHOD), school_works(SEE_OTHER, writes=True)),
    "admin:unreachable_schools": Row(EVERY_STAFF, EVERY_STAFF_NO_METHOD),
    "admin:school_dashboard": Row(school_reads(), EVERY_STAFF_NO_METHOD),
    "admin:school_evening": Row(school_reads(), EVERY_STAFF_NO_METHOD),
    "admin:academy_dashboard": Row(academy_governs(), EVERY_STAFF_NO_METHOD),
    "admin:academy_evening": Row(academy_governs(), EVERY_STAFF_NO_METHOD),
    "admin:country_dashboard": Row(OVERSEER, EVERY_STAFF_NO_METHOD),
    "admin:school_export": Row(school_reads(), school_reads(writes=True)),
    "admin:academy_export": Row(academy_governs(), academy_governs(writes=True)),
    "admin:school_documents": Row(school_reads(), school_reads(NO_METHOD)),
    "admin:school_sheets": Row(school_reads(), school_reads(NO_METHOD)),
    "admin:school_flyer": Row(school_reads(), school_reads(NO_METHOD)),
    "admin:dossier_documents": Row(school_reads(), school_reads(NO_METHOD)),
    "admin:dossier_sheet": Row(school_reads(), school_reads(NO_METHOD)),
    "admin:dossier_appeal_form": Row(school_reads(SEE_OTHER), school_reads(NO_METHOD)),  # nothing to appeal yet
    "admin:dossier_letter": Row(school_reads(), school_reads(NO_METHOD)),
    "admin:see_as_find": Row(each_visitor(), each_visitor(BADLY_FILLED)),
    "admin:see_as_quit": Row(EVERY_STAFF_NO_METHOD, EVERY_STAFF_LED),
    "admin:pupil_settle": Row(school_works(), school_works(BADLY_FILLED)),  # this pupil is settled
    "admin:mock_desk": Row(school_reads(), school_reads()),
    "admin:mock_council": Row(school_works(), school_works(SEE_OTHER, writes=True)),
    "admin:mock_statements": Row(school_works(), school_works(SEE_OTHER)),
    "admin:mock_entry": Row(school_works(), school_works(SEE_OTHER, writes=True)),
    "admin:mock_change": Row(school_works(), school_works(BADLY_FILLED)),  # the family entered nothing in Siècle
    "admin:mock_answer": Row(school_works(), school_works(BADLY_FILLED)),  # nothing is proposed to this pupil
    "admin:mock_decision": Row(school_works(), school_works(SEE_OTHER, writes=True)),
}


SCHOOL_READS = school_reads()


@dataclass(frozen=True)
class Lists:
    """The admin's own pages of one model. What is not said is refused: nothing is added, changed or deleted."""

    listed: Expects = EVERY_READER
    read: Expects = SCHOOL_READS
    changed: Expects = EVERY_STAFF_REFUSED
    added: Expects = EVERY_STAFF_REFUSED
    history: Expects | None = None
    deleted: Expects = EVERY_STAFF_REFUSED
    own_page: bool = False  # ours, and not Django's form of one row, which asks for the power first

    def rows(self, app: str, model: str) -> dict[str, Row]:
        names = f"admin:{app}_{model}"
        one = Row(self.read, self.changed)
        return {
            f"{names}_changelist": Row(self.listed, self.listed),
            f"{names}_add": Row(self.added, self.added),
            f"{names}_history": Row(self.history or self.read, self.history or self.read),
            f"{names}_delete": Row(self.deleted, self.deleted),
            f"{names}_change": one if self.own_page else Row(PowerFirst(one.get), PowerFirst(one.post)),
            f"admin/{app}/{model}/<path:object_id>/": Row(EVERY_STAFF_LED, EVERY_STAFF_LED),
        }


OF_THE_SUPERUSER = Lists(SUPERUSER, SUPERUSER, SUPERUSER, SUPERUSER, history=SUPERUSER_FINDS)
THROTTLE = Lists(SUPERUSER, SUPERUSER, SUPERUSER_SAVES, deleted=SUPERUSER)  # to let an account in again
MODELS = {
    ("families", "academy"): Lists(read=academy_reads(), changed=SUPERUSER, added=SUPERUSER),
    ("families", "division"): Lists(),
    ("families", "attachment"): Lists(),
    ("families", "student"): Lists(),
    ("families", "representative"): Lists(changed=school_edits()),  # fills in a missing address (ACC-09)
    ("families", "school"): Lists(changed=school_edits(), added=SUPERUSER),
    ("families", "user"): OF_THE_SUPERUSER,
    ("families", "staffmembership"): OF_THE_SUPERUSER,
    ("orientation", "campaign"): Lists(
        read=academy_reads(), changed=academy_governs(SEE_OTHER, writes=True), added=EACH_ACADEMY
    ),
    ("orientation", "dossier"): Lists(changed=EVERY_STAFF_NO_METHOD, own_page=True),
    ("orientation", "invariantrun"): Lists(read=EVERY_READER_FINDS),  # each reads what is found of its own dossiers
    ("ledger", "journalentry"): Lists(),
    ("ledger", "outgoingemail"): Lists(),
    ("siecle_sync", "siecleimport"): Lists(changed=EVERY_STAFF_NO_METHOD, own_page=True),
    ("siecle_sync", "run"): Lists(read=academy_reads(), changed=EVERY_STAFF_NO_METHOD, own_page=True),
    ("siecle_sync", "runline"): Lists(),
    ("siecle_sync", "heldline"): Lists(),
    ("siecle_sync", "masschange"): Lists(EACH_ACADEMY, academy_alone(), EVERY_STAFF_NO_METHOD, own_page=True),
    # a division's own page is its desk
    ("siecle_mock", "mockdivision"): Lists(
        read=school_reads(SEE_OTHER), changed=school_reads(SEE_OTHER), history=SCHOOL_READS, own_page=True
    ),
    ("siecle_mock", "mockpupil"): Lists(),
    ("siecle_mock", "mockdeposit"): Lists(SUPERUSER, SUPERUSER, history=SUPERUSER_FINDS),
    ("axes", "accessattempt"): THROTTLE,
    ("axes", "accesslog"): THROTTLE,
    ("axes", "accessfailurelog"): THROTTLE,
}
ROWS: dict[str, Row] = {
    **EVERYONE, **THE_DOSSIER, **PROGRAMS, **STAFF_SITE,
    **{key: row for (app, model), lists in MODELS.items() for key, row in lists.rows(app, model).items()},
}  # fmt: skip
