"""What the identity provider of the tests is made of, and that it is as strict as those it stands for."""

import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from django.conf import settings
from node import install
from postgres_redis import Unavailable
from processes import listens

from tests.oidc.running import HERE, Provider

LOCK = json.loads((HERE / "package-lock.json").read_text())
SERVICE = "http://127.0.0.1:8000"


def packages() -> dict[str, dict[str, str]]:
    return {name: one for name, one in LOCK["packages"].items() if name}


def test_every_package_is_known_by_its_digest() -> None:
    assert packages()
    assert {name for name, one in packages().items() if not one["integrity"].startswith("sha512-")} == set()


def test_lock_names_no_registry() -> None:
    assert "://" not in (HERE / "package-lock.json").read_text()
    assert "registry=" not in (HERE / ".npmrc").read_text()


def test_wanted_packages_have_exact_versions() -> None:
    wanted = json.loads((HERE / "package.json").read_text())["dependencies"]
    assert {name: packages()[f"node_modules/{name}"]["version"] for name in wanted} == wanted


def test_machine_without_registry_is_told_so_and_nothing_is_skipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The registry, too, is the one that the person's own configuration names."""
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9/")
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "cache"))
    monkeypatch.setenv("npm_config_fetch_retries", "0")
    with pytest.raises(Unavailable) as refused:
        install(tmp_path / "oidc")
    assert "127.0.0.1:9" in str(refused.value)


def test_provider_never_outlives_the_tests() -> None:
    running = "from tests.oidc.running import Provider; one = Provider('educonnect'); one.start()"
    command = [sys.executable, "-c", f"{running}; print(one.port, flush=True); input()"]
    with subprocess.Popen(
        command, cwd=settings.BASE_DIR, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as owner:
        assert owner.stdout is not None
        port = int(owner.stdout.readline())
        assert listens(port)
        owner.send_signal(signal.SIGKILL)
    limit = time.monotonic() + 30
    while listens(port) and time.monotonic() < limit:
        time.sleep(0.02)
    assert not listens(port)


# --- as strict as the real ones ---------------------------------------------------------------------------------------
QUESTION = {
    "response_type": "code", "scope": "openid given_name", "acr_values": "eidas1", "state": "s" * 32, "nonce": "n" * 32,
}  # fmt: skip


def asks(provider: Provider, **changed: str) -> requests.Response:
    provider.behaves(bases=[SERVICE])
    back = f"{SERVICE}/connexion/{provider.kind}/retour/"
    question = {**QUESTION, "client_id": provider.kind, "redirect_uri": back, **changed}
    return requests.get(
        f"{provider.issuer}/auth",
        params={name: value for name, value in question.items() if value},
        allow_redirects=False,
        timeout=10,
    )


@pytest.mark.parametrize(
    "changed",
    [
        {"nonce": "n" * 31},
        {"state": "s" * 31},
        {"acr_values": ""},
        {"code_challenge": "c" * 43, "code_challenge_method": "S256"},
        {"redirect_uri": f"{SERVICE}/connexion/franceconnect/retour"},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_provider_refuses_what_franceconnect_does_not_document(
    franceconnect: Provider, changed: dict[str, str]
) -> None:
    assert asks(franceconnect).status_code == 303
    assert asks(franceconnect, **changed).status_code == 400


def test_provider_asks_educonnect_s_clients_for_a_proof_key(educonnect: Provider) -> None:
    answer = asks(educonnect, scope="openid profile")
    assert parse_qs(urlsplit(answer.headers["Location"]).query)["error"] == ["invalid_request"]


def test_keys_change_by_name_or_under_the_same_name(proconnect: Provider) -> None:
    def published() -> list[tuple[str, str]]:
        return [(one["kid"], one["x"]) for one in requests.get(f"{proconnect.issuer}/jwks", timeout=10).json()["keys"]]

    proconnect.obey(keys="new")  # alone, whatever came before
    [first] = published()
    proconnect.obey(keys="same name")
    [second] = published()
    assert (second[0], second[1] != first[1]) == (first[0], True)
    proconnect.obey(keys="beside")
    assert len(published()) == 2
    proconnect.obey(keys="new")
    [last] = published()
    assert re.match("key-", last[0])
