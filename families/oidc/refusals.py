"""Why a sign-in through a provider ends without a session, as a code that the page, the log and the tests share."""

from enum import StrEnum
from http import HTTPStatus
from types import MappingProxyType
from typing import Final


class Code(StrEnum):
    STATE = "OIDC_STATE"  # not this browser's journey, or one that is over
    DENIED = "OIDC_DENIED"  # the person said no
    DOWN = "OIDC_DOWN"  # the provider does not answer, or not as it should
    TOKEN = "OIDC_TOKEN"  # noqa: S105 (what it sent is not for us, not from it, or not of now)
    LEVEL = "OIDC_LEVEL"  # the person is not known well enough there
    KIND = "OIDC_KIND"  # known, but neither a family of a collège or a lycée, nor its staff


STATUSES: Final = MappingProxyType(
    {
        Code.STATE: HTTPStatus.BAD_REQUEST,
        Code.DENIED: HTTPStatus.FORBIDDEN,
        Code.DOWN: HTTPStatus.SERVICE_UNAVAILABLE,
        Code.TOKEN: HTTPStatus.FORBIDDEN,
        Code.LEVEL: HTTPStatus.FORBIDDEN,
        Code.KIND: HTTPStatus.FORBIDDEN,
    }
)


class Refused(Exception):
    """`detail` says which check, in capitals, for the log and the tests; never whom it is about."""

    def __init__(self, code: Code, detail: str = "") -> None:
        super().__init__(f"{code} {detail}".strip())
        self.code, self.detail = code, detail


def demand(holds: bool, code: Code, detail: str) -> None:
    """Raises Refused unless it holds."""
    if not holds:
        raise Refused(code, detail)
