"""The history of one dossier, to be handed over in a dispute: its lines, what ties them to the seals, a signature.

Whoever receives it needs neither our database nor our word: the lines give their digests, these the bundles', these the
seals', and the deployment's key signs the whole (ANS-09). Other people's lines are there as digests only.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from itertools import pairwise
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.db import connection

from ledger.seals import BUNDLE, LEAF, TEXT, Span, digest_of, resealed, seal_digest, spans
from ledger.signing import is_signed, private_key, public_text, sign
from ledger.verification import sealed_content

FORMAT = "orientation-historique-1"
FIELDS = ("id", "at", "verb", "actor_kind", "actor_uuid", "actor_name", "dossier_uuid", "data")
LINES = f"SELECT id, {TEXT} FROM ledger_journalentry WHERE dossier_uuid = %s ORDER BY id"  # noqa: S608
LEAVES = f"""
SELECT id / {BUNDLE}, id, encode({LEAF}, 'hex') FROM ledger_journalentry
WHERE id / {BUNDLE} = %(bundle)s AND id >= %(bundle)s * {BUNDLE} AND id < (%(bundle)s + 1) * {BUNDLE}
  AND id > %(after)s AND id <= %(up_to)s ORDER BY id
"""  # noqa: S608
Json = dict[str, Any]


class NotAsSealed(Exception):
    """The lines are not those that were sealed: nothing of it is signed."""


class Wrong(StrEnum):
    FORMAT = "FORMAT"
    SIGNATURE = "SIGNATURE"
    LINE = "LINE"
    SEAL = "SEAL"
    CHAIN = "CHAIN"


SENTENCES = {
    Wrong.FORMAT: "Ce fichier n’est pas un extrait de l’historique.",
    Wrong.SIGNATURE: "La signature n’est pas celle de ce service, ou le fichier a été modifié.",
    Wrong.LINE: "Une ligne n’est pas celle qui a été scellée.",
    Wrong.SEAL: "Un scellé ne correspond pas à ses lignes.",
    Wrong.CHAIN: "Un scellé ne suit pas celui qui le précède.",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """What the check of an extract says; `figures`: lines, of which sealed, and seals."""

    fault: Wrong | None = None
    figures: dict[str, int] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        if self.fault:
            return SENTENCES[self.fault]
        said = "Extrait conforme : {lines} lignes, dont {sealed} scellées, {seals} scellés, signature valable."
        return said.format(**self.figures)


# --- to make one ------------------------------------------------------------------------------------------------------
def extract(dossier: UUID, made_at: datetime) -> Json:
    """The signed extract of a dossier's history. Raises signing.Unusable without a key, NotAsSealed."""
    texts = _texts(dossier)
    all_spans, left = list(spans()), resealed()
    concerned = [one for one in all_spans if any(one.after < number <= one.seal.up_to for number in texts)]
    body = {
        "format": FORMAT,
        "dossier": str(dossier),
        "made_at": made_at.isoformat(),
        "public_key": public_text(private_key().public_key()),
        "digest": digest_of(_leaf(text) for text in texts.values()),
        "lines": [{**dict(zip(FIELDS, json.loads(text), strict=True)), "text": text} for text in texts.values()],
        "seals": [_proof(one, left.get(str(one.seal.day)), texts) for one in concerned],
        "chain": [_link(one) for one in all_spans if concerned and one.seal.pk >= concerned[0].seal.pk],
    }
    signed = {**body, "signature": sign(message(body))}
    found = check(signed, private_key().public_key())
    if found.fault:
        raise NotAsSealed(found.fault)
    return signed


def _texts(dossier: UUID) -> dict[int, str]:
    with connection.cursor() as cursor:
        cursor.execute(LINES, [dossier])
        return dict(cursor.fetchall())


def _proof(span: Span, left: Any, texts: dict[int, str]) -> Json:
    """A seal: its bundles, and of those that hold a line of ours, the digest of every line."""
    seal, kept = span.seal, left or sealed_content(span.seal) or span.read()
    opened = sorted({one // BUNDLE for one in texts if span.after < one <= seal.up_to})
    return {
        **_link(span), "after": span.after, "up_to": seal.up_to, "count": seal.count,
        "sealed_at": seal.sealed_at.isoformat(), "left_by_erasure": left.count if left else None,
        "bundles": {str(one): digest for one, digest in kept.bundles.items()},
        "opened": {str(one): _leaves(span, one) for one in opened},
    }  # fmt: skip


def _leaves(span: Span, bundle: int) -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute(LEAVES, {"bundle": bundle, "after": span.after, "up_to": span.seal.up_to})
        return {str(number): leaf for _, number, leaf in cursor.fetchall()}


def _link(span: Span) -> Json:
    return {"day": str(span.seal.day), "digest": span.seal.digest, "previous": span.seal.previous}


def message(body: Json) -> bytes:
    """What is signed: everything but the signature, written in one way only."""
    told = {name: value for name, value in body.items() if name != "signature"}
    return json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _leaf(text: str) -> str:
    return sha256(text.encode()).hexdigest()


# --- to check one, without a database ---------------------------------------------------------------------------------
def check(given: Any, key: Ed25519PublicKey) -> Finding:
    """Check the signature, each line, each seal and how they follow one another; the first fault is said."""
    try:
        fault = next(_faults(given, key), None)
        return Finding(fault) if fault else Finding(None, _figures(given))
    except (KeyError, TypeError, ValueError, AttributeError):
        return Finding(Wrong.FORMAT)


def _faults(given: Json, key: Ed25519PublicKey) -> Iterator[Wrong]:
    if given["format"] != FORMAT:
        yield Wrong.FORMAT
    if not is_signed(message(given), given["signature"], key):
        yield Wrong.SIGNATURE
    if not all(_says_its_text(one, given["dossier"]) for one in given["lines"]):
        yield Wrong.LINE
    if given["digest"] != digest_of(_leaf(one["text"]) for one in given["lines"]):
        yield Wrong.LINE
    if not all(_sealed_in(seal, given["lines"]) for seal in given["seals"]):
        yield Wrong.LINE
    if not all(_holds(seal) for seal in given["seals"]):
        yield Wrong.SEAL
    if not _follow(given["chain"], given["seals"]):
        yield Wrong.CHAIN


def _says_its_text(line: Json, dossier: str) -> bool:
    said: list[Any] = json.loads(line["text"])
    return said == [line[name] for name in FIELDS] and said[FIELDS.index("dossier_uuid")] == dossier


def _sealed_in(seal: Json, lines: list[Json]) -> bool:
    """Each line of its span has, in its bundle, the digest of its text."""
    own = [one for one in lines if seal["after"] < one["id"] <= seal["up_to"]]
    return all(seal["opened"][str(one["id"] // BUNDLE)].get(str(one["id"])) == _leaf(one["text"]) for one in own)


def _holds(seal: Json) -> bool:
    """The lines' digests make the bundles, and the bundles the seal; after an erasure, what it left is all there is."""
    bundles = seal["bundles"]
    opened = all(bundles[one] == digest_of(_in_order(leaves)) for one, leaves in seal["opened"].items())
    whole = seal_digest(
        digest_of(_in_order(bundles)), previous=seal["previous"], day=seal["day"], up_to=seal["up_to"],
        count=seal["count"],
    )  # fmt: skip
    left = seal["left_by_erasure"]
    return opened and (whole == seal["digest"] or (left is not None and left < seal["count"]))


def _in_order(digests: dict[str, str]) -> list[str]:
    return [digests[one] for one in sorted(digests, key=int)]


def _follow(chain: list[Json], seals: list[Json]) -> bool:
    links = {(one["day"], one["digest"], one["previous"]) for one in chain}
    known = all((one["day"], one["digest"], one["previous"]) in links for one in seals)
    return known and all(after["previous"] == before["digest"] for before, after in pairwise(chain))


def _figures(given: Json) -> dict[str, int]:
    sealed = [one for one in given["lines"] if any(s["after"] < one["id"] <= s["up_to"] for s in given["seals"])]
    return {"lines": len(given["lines"]), "sealed": len(sealed), "seals": len(given["seals"])}
