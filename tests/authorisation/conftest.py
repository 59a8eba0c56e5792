"""One state of a dossier at a time, with a token for each of the two doors that programs use."""

import gc
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from tests.authorisation.roles import Role
from tests.authorisation.states import When
from tests.authorisation.world import TOKENS, World, build
from tests.orientation.states import At


@pytest.fixture(params=When)
def world(request: pytest.FixtureRequest, db: None, settings: Any, at: At) -> World:
    settings.SIECLE_TOKEN = TOKENS[Role.SIECLE_TOKEN]
    settings.SIECLE_CALLBACK_TOKEN = TOKENS[Role.SERVICE_TOKEN]
    settings.METRICS_TOKEN = TOKENS[Role.METRICS_TOKEN]
    return build(request.param, at)


@pytest.fixture(autouse=True)
def statuses_only(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Thousands of requests of which the status alone counts: no page is drawn (the screens have their own tests), no
    refusal is logged, and the collector leaves alone what was there before."""
    monkeypatch.setattr("django.template.backends.django.Template.render", lambda *_, **__: "")
    logging.disable(logging.ERROR)
    gc.freeze()
    yield
    gc.unfreeze()
    logging.disable(logging.NOTSET)
