"""The three providers, one process each, started when a test first asks for it and honest at the start of each test."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.oidc.running import Provider


@contextmanager
def running(kind: str) -> Iterator[Provider]:
    provider = Provider(kind)
    provider.start()
    yield provider
    provider.stop()


def honest(provider: Provider) -> Provider:
    provider.revive()
    provider.behaves()
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
def educonnect(running_educonnect: Provider) -> Provider:
    return honest(running_educonnect)


@pytest.fixture
def franceconnect(running_franceconnect: Provider) -> Provider:
    return honest(running_franceconnect)


@pytest.fixture
def proconnect(running_proconnect: Provider) -> Provider:
    return honest(running_proconnect)
