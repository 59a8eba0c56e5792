"""The running simulator keeps to docs/echange-siecle.openapi.yaml, whatever it is asked (`make fuzz` asks longer)."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS

from siecle_sync import contract
from tests.siecle_sync.program import BODY
from tests.siecle_sync.server import siecle_apart
from tests.siecle_sync.world import BOTH

pytestmark = pytest.mark.django_db(databases=BOTH, transaction=True)
CONTRACT = Path(__file__).parents[2] / "docs" / "echange-siecle.openapi.yaml"
LONG = os.environ.get("HYPOTHESIS_PROFILE") == "fuzz"
EXAMPLES = 1000 if LONG else 10
SHOWN = {"Authorization": "Bearer test-token"}
KNOWN = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
# address or headers too long: gunicorn answers, before the simulator is asked
BY_THE_SERVER = {414, 431}
# a deposit is refused when its digest is not that of its body, a council when its division is unknown
MEANING = {"deposit", "council"}


@pytest.fixture(scope="module")
def simulator(django_db_setup: None) -> Iterator[str]:
    with siecle_apart() as url:
        yield url


def operations() -> list[schemathesis.APIOperation]:
    return [found.ok() for found in schemathesis.openapi.from_path(CONTRACT).get_all_operations()]


def excluded(operation: schemathesis.APIOperation) -> list:
    if operation.definition.raw["operationId"] in MEANING:
        return CHECKS.get_by_names(["positive_data_acceptance"])
    return []


def of_a_true_deposit(case: schemathesis.Case) -> None:
    """Chance finds neither the digest of a body nor the number of a deposit."""
    if "id" in case.path_parameters:
        case.path_parameters["id"] = KNOWN
    if case.operation.definition.raw["operationId"] == "deposit":
        case.body = BODY.decode()
        case.headers.update({contract.H_DIGEST: hashlib.sha256(BODY).hexdigest(), contract.H_LINES: "1"})


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
def test_the_simulator_keeps_to_its_description(simulator, mode):
    positive = mode == GenerationMode.POSITIVE
    answered = set()
    for operation in operations():

        @settings(
            max_examples=EXAMPLES, deadline=None, derandomize=not LONG, database=None,
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(case=operation.as_strategy(generation_mode=mode), true=st.booleans())
        def keeps(case: schemathesis.Case, true: bool) -> None:
            if true and positive:
                of_a_true_deposit(case)
            case.headers.update(SHOWN)  # in the case, so that it is judged with what it shows
            said = case.call(base_url=simulator, timeout=30)
            assume(said.status_code not in BY_THE_SERVER)
            case.validate_response(said, excluded_checks=excluded(case.operation))
            answered.add((case.operation.definition.raw["operationId"], said.status_code))

        keeps()
    assert {name for name, _ in answered} == {"deposit", "report", "report_lines", "feed", "council"}
    if positive:
        assert {("deposit", 202), ("report", 200), ("report_lines", 200), ("feed", 200)} <= answered
