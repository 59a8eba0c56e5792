"""The three providers, one process each, started when a test first asks for it and honest at the start of each test."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from config.providers import identity_providers
from families.oidc import discovery
from tests.e2e.conftest import opens, pytest_runtest_makereport, site
from tests.oidc.journeys import SERVICE
from tests.oidc.running import Provider

__all__ = ["opens", "pytest_runtest_makereport", "site"]  # for test_browser.py


@contextmanager
def running(kind: str) -> Iterator[Provider]:
    provider = Provider(kind)
    provider.start()
    yield provider
    provider.stop()


def offered(provider: Provider, settings: Any) -> Provider:
    """Running, honest, registered with us and we with it; we know nothing of it yet."""
    provider.revive()
    provider.behaves(bases=[SERVICE])
    settings.PUBLIC_URL = SERVICE
    settings.IDENTITY_PROVIDERS = {**settings.IDENTITY_PROVIDERS, **identity_providers(provider.environment)}
    discovery.KEPT.clear()
    return provider


@pytest.fixture(scope="session")
def running_educonnect() -> Iterator[Provider]:
    with running("educonnect") as provider:
        yield provider


@pytest.fixture(scope="session")
def running_franceconnect() -> Iterator[Provider]:
    with running("franceconnect") as provider:
        yield provider


@pytest.fixture(scope="session")
def running_proconnect() -> Iterator[Provider]:
    with running("proconnect") as provider:
        yield provider


@pytest.fixture
def educonnect(running_educonnect: Provider, settings: Any) -> Provider:
    return offered(running_educonnect, settings)


@pytest.fixture
def franceconnect(running_franceconnect: Provider, settings: Any) -> Provider:
    return offered(running_franceconnect, settings)


@pytest.fixture
def proconnect(running_proconnect: Provider, settings: Any) -> Provider:
    return offered(running_proconnect, settings)


@pytest.fixture(params=["educonnect", "franceconnect", "proconnect"])
def provider(request: pytest.FixtureRequest) -> Provider:
    """Each of the three in turn."""
    found: Provider = request.getfixturevalue(request.param)
    return found
