"""Values as Siècle writes them: dates, identifiers, names, e-mail addresses. Pure functions."""

import re
import unicodedata
from datetime import date

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

UAI = re.compile(r"([0-9]{7})([A-Z])")
UAI_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"  # number mod 23; neither I, O nor Q
INE = re.compile(r"[0-9A-Z]{11}")
INE_SHAPES = (re.compile(r"\d{9}[A-Z]{2}"), re.compile(r"\d{4}A\d{5}[A-Z]"))  # national (RNIE), apprentices
INE_BEA = re.compile(r"(\d{10})([A-Z])")
MEF = re.compile(r"\d{3}[0-9A-Z]{8}")
FRENCH_DATE = re.compile(r"(\d{2})/(\d{2})/(\d{4})", re.ASCII)
NUMBER = re.compile(r"\d{1,18}")  # fits PostgreSQL's bigint
C1 = re.compile(r"[\x80-\x9f]")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
ENDS = " '’`´\t\r\n\u00a0"
NEVER = date(9999, 12, 31)  # Siècle's « no end »


def uai_key(digits: str) -> str:
    return UAI_LETTERS[int(digits) % 23]


def french_date(text: str) -> date | None:
    """JJ/MM/AAAA; « 31/12/9999 » is no date. Raise ValueError on anything else."""
    found = FRENCH_DATE.fullmatch(text)
    if not found:
        raise ValueError(text)
    day, month, year = map(int, found.groups())
    value = date(year, month, day)
    return None if value == NEVER else value


def whole_number(text: str) -> int | None:
    text = text.strip()
    return int(text) if NUMBER.fullmatch(text) and text.isascii() else None


def plain(raw: str | None) -> str:
    return " ".join((raw or "").split())


def cleaned(raw: str) -> str:
    """A name without the noise people type: double quotes, quotes at the ends, double spaces."""
    repaired = CONTROL.sub("", C1.sub(_from_windows, raw)).replace('"', "")
    return plain(repaired).strip(ENDS)


def _from_windows(found: re.Match[str]) -> str:
    return found[0].encode("latin-1").decode("cp1252", "ignore")


def is_mojibake(raw: str) -> bool:
    """Whether these characters are UTF-8 bytes read as if they were Latin (« Ã© » for « é »), or already lost."""
    return not raw.isascii() and (
        "\ufffd" in raw or any(_reads_as_utf8(raw, encoding) for encoding in ("iso8859-15", "latin-1", "cp1252"))
    )


def _reads_as_utf8(raw: str, encoding: str) -> bool:
    try:
        raw.encode(encoding).decode("utf-8")
    except UnicodeError:
        return False
    return True


def is_ine(value: str) -> bool:
    return value.isascii() and INE.fullmatch(value) is not None


def is_usual_ine(value: str) -> bool:
    """One of the three known shapes; the older academic one has the same key as a UAI."""
    bea = INE_BEA.fullmatch(value)
    if bea:
        return uai_key(bea[1]) == bea[2]
    return any(shape.fullmatch(value) for shape in INE_SHAPES)


def normal_email(raw: str) -> str:
    """The address with its domain in lower case; the local part as typed. Raise ValueError if it is not an address."""
    address = raw.strip(" \t\r\n\u00a0<>;,'\"").removeprefix("mailto:")
    local, _, domain = address.rpartition("@")
    address = f"{local}@{domain.lower()}"
    try:
        validate_email(address)
    except ValidationError as error:
        raise ValueError(raw) from error
    if len(address) > 254:
        raise ValueError(raw)
    return address


def same_email(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()


def folded(text: str) -> str:
    """For comparisons only: no accent, no case, no punctuation."""
    letters = unicodedata.normalize("NFKD", text.replace("œ", "oe").replace("Œ", "OE").replace("æ", "ae"))
    return "".join(letter for letter in letters.casefold() if letter.isalnum())
