"""The year that the simulated campaign plays: complete at both levels, under every policy, and judged from its dump."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.siecle_sync.play import lines, play
from tests.siecle_sync.recount import recount
from tests.siecle_sync.recount_people import legal_at, of_age_at

# a campaign is played once for all its tests, whatever the number of workers
pytestmark = pytest.mark.xdist_group("play_campaign")

Json = dict[str, Any]
Year = tuple[Json, list[Json]]
OTHER_POLICIES = {
    "3e": {
        "max_choices": 2, "acknowledgement_by": "AUTHOR", "opinion_change": "AGAIN", "objection": "RECORDED",
        "answered_by": "ALL", "acceptances": "ONE", "recap_to": "AUTHOR", "recap_when": "VALIDATION",
        "free_text": False, "opinion_values": ["Oui", "Peut-être"], "year_division": "SEMESTERS",
    },
    "2de": {"answered_by": "AUTHOR", "specialties": 3, "specialties_if_outside": 6, "max_choices": 5},
}  # fmt: skip


def year(folder: Path, level: str, *arguments: str) -> Year:
    dump = folder / f"{level}.jsonl"
    done = play("--level", level, "--json", "--dump", str(dump), *arguments)
    assert done.code in {0, 1}, done.err[-3000:]
    return done.counters, lines(dump)


@pytest.fixture(scope="module", params=["3e", "2de"])
def played(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Year:
    return year(tmp_path_factory.mktemp("play"), request.param, "--students", "40", "--seed", "5")


@pytest.fixture(scope="module", params=["3e", "2de"])
def otherwise(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Year:
    """A small year in which no policy has its default value."""
    policies = [f"{name}={written(value)}" for name, value in OTHER_POLICIES[request.param].items()]
    asked = [word for policy in policies for word in ("--policy", policy)]
    return year(tmp_path_factory.mktemp("play"), request.param, "--students", "16", "--seed", "9", *asked)


def written(value: Any) -> str:
    if isinstance(value, bool):
        return "oui" if value else "non"
    return ",".join(value) if isinstance(value, list) else str(value)


# --- the counters -----------------------------------------------------------------------------------------------------
def test_every_counter_is_found_again_in_the_dump(played: Year) -> None:
    counters, dossiers = played
    again = recount(dossiers)
    assert {name: counters[name] for name in again} == again


def test_the_year_exercises_everything_the_rules_know(played: Year) -> None:
    counters, _ = played
    never = [
        name
        for name in (
            "typed_by_school", "changed_by_school", "not_processed", "gates_lifted", "acknowledged", "answered",
            "meetings", "appeals", "pens_released", "extensions", "closings", "switches", "twins", "races",
            "nights_failed", "refused", "emails_without_address",
        )
        if not counters[name]
    ]  # fmt: skip
    assert never == []
    assert set(counters["withdrawn"]) == {"CHANGED", "RESET", "ENTRY_CHANGED"}
    assert set(counters["councils"]) == {"council_opened", "council_moved", "council_reset"}
    assert set(counters["decisions"]) == {"ACCEPTANCE", "HEAD", "APPEAL"}
    assert set(counters["imports"]) == {"lost", "demoted", "restored", "added", "moved", "left", "arrived"}


def test_a_year_ends_without_a_violation(played: Year) -> None:
    counters, _ = played
    assert (counters["faults"], counters["broken"]) == ([], {})
    assert counters["students"] == 40


def test_a_year_under_other_policies_ends_without_a_violation(otherwise: Year) -> None:
    counters, dossiers = otherwise
    again = recount(dossiers)
    assert (counters["faults"], counters["broken"]) == ([], {})
    assert {name: counters[name] for name in again} == again


def test_the_policies_imposed_are_those_that_were_lived(otherwise: Year) -> None:
    counters, dossiers = otherwise
    for dossier in dossiers:
        lived = {**dossier["campaign"], "year_division": dossier["school"]["year_division"]}
        imposed = OTHER_POLICIES[counters["level"]]
        assert {name: lived[name] for name in imposed} == imposed


# --- the rules, written a second time from the dump alone -------------------------------------------------------------
def family_entries(dossiers: list[Json]) -> Iterator[tuple[Json, Json]]:
    for dossier in dossiers:
        for entry in dossier["submissions"]:
            if entry["author_kind"] != "SCHOOL":
                yield dossier, entry


def division_at(dossier: Json, at: str) -> str:
    """The pupil's class at an instant: the one it was moved from, if it was later."""
    later = [one["who"] for one in dossier["imports"] if one["what"] == "moved" and one["at"] > at]
    return later[0] if later else dossier["division"]


def end_of_entry(dossier: Json, entry: Json) -> str:
    phase = entry["phase"]
    window = next(one for one in dossier["windows"] if (one["phase"], one["kind"]) == (phase, "ENTRY"))
    longer = [one["closes_at"] for one in dossier["extensions"] if (one["phase"], one["kind"]) == (phase, "ENTRY")]
    closings = [one["closes_at"] for one in dossier["closings"] if one["phase"] == phase]
    opened = [
        event["at"]
        for council in dossier["councils"]
        if (council["phase"], council["division"]) == (phase, division_at(dossier, entry["at"]))
        for event in council["events"]
        if event["what"] == "council_opened"
    ]
    return min([max([window["closes_at"], *longer]), *closings, *opened])


def test_every_entry_falls_in_its_window(played: Year) -> None:
    for dossier, entry in family_entries(played[1]):
        opens = next(w for w in dossier["windows"] if (w["phase"], w["kind"]) == (entry["phase"], "ENTRY"))
        assert opens["opens_at"] <= entry["at"] < end_of_entry(dossier, entry), dossier["dossier"]


def test_every_entry_is_of_somebody_who_could_act_that_day(played: Year) -> None:
    for dossier, entry in family_entries(played[1]):
        able = {"E"} if of_age_at(dossier, entry["at"]) else legal_at(dossier, entry["at"])
        assert entry["author"] in able, dossier["dossier"]


def test_every_version_is_of_who_had_the_pen(played: Year) -> None:
    for dossier, entry in family_entries(played[1]):
        held = [
            pen["holder"]
            for pen in dossier["pens"]
            if pen["phase"] == entry["phase"] and pen["taken_at"] <= entry["at"]
            and (pen["released_at"] is None or entry["at"] <= pen["released_at"])
        ]  # fmt: skip
        assert entry["author"] in held, dossier["dossier"]


def test_every_list_is_of_its_level_ranked_and_not_too_long(played: Year) -> None:
    levels = {"3E": {"2GT", "2PRO", "CAP"}, "2GT": {"1GEN", "1TECHNO", "1BTMUS", "VOIEPRO"}}
    for dossier, entry in family_entries(played[1]):
        keys = [(one["pathway"], one["series"]) for one in entry["choices"]]
        assert len(set(keys)) == len(keys) <= dossier["campaign"]["max_choices"]
        assert [one["rank"] for one in entry["choices"]] == list(range(1, len(keys) + 1))
        assert {pathway for pathway, _ in keys} <= levels[dossier["campaign"]["level"]]
        assert all(bool(series) == (pathway == "1TECHNO") for pathway, series in keys)


def test_every_choice_of_1re_generale_has_its_specialties(played: Year) -> None:
    for dossier, entry in family_entries(played[1]):
        for choice in [one for one in entry["choices"] if one["pathway"] == "1GEN"]:
            said = [one["specialties"] for one in dossier["offers"] if one["at"] <= entry["at"]]
            outside = {one.partition(":")[0] for one in choice["details"] if one.endswith(":HORS")}
            inside = set(choice["details"]) - {f"{one}:HORS" for one in outside}
            wanted = dossier["campaign"]["specialties_if_outside" if outside else "specialties"]
            assert len(inside | outside) == len(choice["details"])
            assert len(choice["details"]) == (3 if entry["phase"] == "DEFINITIVE" else wanted)
            assert not said or (inside <= set(said[-1]) and not outside & set(said[-1]))


def test_what_the_council_said_of_a_request_goes_when_the_request_is_changed(played: Year) -> None:
    for dossier in played[1]:
        for change in [one for one in dossier["submissions"] if one["asked_by"]]:
            before = [
                one for one in dossier["statements"]
                if one["phase"] == change["phase"] and (one["about"] or 0) < change["version"]
            ]  # fmt: skip
            assert all(one["withdrawn_at"] for one in before), dossier["dossier"]
            assert change["asked_on"] <= change["at"][:10]


def test_no_decision_comes_from_an_acceptance_that_somebody_did_not_agree_to(played: Year) -> None:
    """ANS-05, ANS-06, ANS-08, at the instant of the decision."""
    for dossier in played[1]:
        answers = [one["answer"] for one in dossier["statements"] if one["answer"]]
        for decision in [one for one in dossier["decisions"] if one["origin"] == "ACCEPTANCE"]:
            answer = answers[-1]
            assert answer["kind"] == "ACCEPTED"
            assert decision["pathways"] == answer["accepted"]
            if dossier["campaign"]["answered_by"] == "ALL" and answer["author_kind"] != "SCHOOL":
                voices = {"E"} if of_age_at(dossier, decision["at"]) else legal_at(dossier, decision["at"])
                said = {one["by"]: one["agrees"] for one in answer["agreements"]} | {answer["by"]: True}
                assert all(said.get(one) for one in voices), dossier["dossier"]
                assert all(said.values())


def test_an_appeal_follows_a_decision_of_the_head_that_was_notified(played: Year) -> None:
    appealed = [dossier for dossier in played[1] if dossier["appeal"]]
    assert appealed
    for dossier in appealed:
        head = next(one for one in dossier["decisions"] if one["origin"] == "HEAD")
        assert head["notified_on"] <= dossier["appeal"]["filed_on"]


def test_nothing_is_done_for_a_pupil_who_has_left(played: Year) -> None:
    left = [(d, one["at"]) for d in played[1] for one in d["imports"] if one["what"] == "left"]
    assert left
    for dossier, at in left:
        assert dossier["pupil"]["scope"] == "OUT"
        assert [one for one in dossier["submissions"] if one["at"] > at] == []
        assert [one for one in dossier["refused"] if one["code"] == "NOT_ENROLLED" and one["at"] < at] == []
