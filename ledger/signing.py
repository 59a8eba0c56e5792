"""The deployment's Ed25519 key: it signs the extracts of the journal, and anybody may read its public half (ANS-09)."""

import base64
import binascii
import hashlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe


class Unusable(Exception):
    """No key, or one that is not what it should be."""


def private_key() -> Ed25519PrivateKey:
    """Read settings.JOURNAL_SIGNING_KEY: PEM, or the 32 bytes in base64. Raises Unusable."""
    said = settings.JOURNAL_SIGNING_KEY.strip()
    if not said:
        raise Unusable("JOURNAL_SIGNING_KEY manque dans l’environnement.")
    try:
        key = load_pem_private_key(said.encode(), None) if said.startswith("-----") else _raw(said)
    except (ValueError, TypeError) as error:
        raise Unusable("JOURNAL_SIGNING_KEY ne se lit pas.") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise Unusable("JOURNAL_SIGNING_KEY n’est pas une clé Ed25519.")
    return key


def _raw(said: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(base64.b64decode(said, validate=True))


def new_key() -> tuple[str, str]:
    """A private key and its public half, in base64."""
    key = Ed25519PrivateKey.generate()
    return _text(key.private_bytes_raw()), public_text(key.public_key())


def public_key_of(said: str = "") -> Ed25519PublicKey:
    """The public key typed in base64; nothing: this deployment's. Raises Unusable."""
    if not said:
        return private_key().public_key()
    try:
        return Ed25519PublicKey.from_public_bytes(base64.b64decode(said, validate=True))
    except (ValueError, binascii.Error) as error:
        raise Unusable("Cette clé publique ne se lit pas.") from error


def public_text(key: Ed25519PublicKey) -> str:
    return _text(key.public_bytes_raw())


def fingerprint(key: Ed25519PublicKey) -> str:
    """What a person compares: the first sixteen digits of its SHA-256."""
    return hashlib.sha256(key.public_bytes_raw()).hexdigest()[:16]


def sign(message: bytes) -> str:
    """Raises Unusable."""
    return _text(private_key().sign(message))


def is_signed(message: bytes, signature: str, key: Ed25519PublicKey) -> bool:
    try:
        key.verify(base64.b64decode(signature, validate=True), message)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


@login_not_required
@require_safe
def public_key(request: HttpRequest) -> HttpResponse:
    """The public key in base64, as text: who receives an extract checks it with this. 404 without a key."""
    try:
        said = public_text(private_key().public_key())
    except Unusable as error:
        raise Http404 from error
    return HttpResponse(f"{said}\n", content_type="text/plain; charset=utf-8")
