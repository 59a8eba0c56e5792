"""During a visit (orientation.seeing_as), the family's pages are its reader's, and the database refuses any write."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http import HTTPStatus
from typing import Any, NoReturn

from django.db import connection, connections, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import Resolver404, ResolverMatch, resolve

from families.models import User
from families.second_factor import is_owed
from orientation.seeing_as import Visit, end, may_see, visit_in

FAMILY_SIDE = {"families", "orientation"}
OWN = {"orientation:sign_out"}  # whoever signs out leaves their own session, and the visit with it
WAYS_IN = {
    "families:provider_start",
    "families:provider_return",
    "families:arrival",
    "families:arrival_confirm",
}  # open to anyone, but never to the reader's account

Handler = Callable[[HttpRequest], HttpResponse]


class ElsewhereInAVisit(RuntimeError):
    """A page of a visit spoke to another database than the family's."""


def refuse(execute: Any, sql: str, *rest: Any) -> NoReturn:
    raise ElsewhereInAVisit(sql)


@contextmanager
def read_only() -> Iterator[None]:
    """Whatever happens inside, PostgreSQL refuses to write, and nothing inside can take that back.

    « READ ONLY » cannot be undone before the transaction ends (SET TRANSACTION READ WRITE is an error by then), and
    the service never commits by hand. The family's pages know no other database: in a visit none is spoken to.
    """
    with ExitStack() as others, transaction.atomic():
        for one in connections.all():
            if one is not connections[connection.alias]:
                others.enter_context(one.execute_wrapper(refuse))
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION READ ONLY")
        try:
            yield
        finally:
            transaction.set_rollback(True)


class SeeingAs:
    """The last of the middlewares: what is outside (the session, its last activity) is the visitor's own bookkeeping.

    `request.user` is then the reader; `request.visit`, what the banner says. The admin is never part of a visit.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        visit = visit_in(request.session)
        page = family_page(request.path_info) if visit else None
        if visit is None or page is None:
            return self.get_response(request)
        reader = User.objects.filter(pk=visit.reader).first()
        if visit.is_over or reader is None or is_owed(request.user) or not may_see(request.user, visit.dossier):
            end(request.session)
            return render(request, "orientation/see_as_over.html", {"over": visit}, status=HTTPStatus.FORBIDDEN)
        with read_only():
            request.user, request.visit = reader, visit  # type: ignore[attr-defined]
            return self._shown(request, visit, page)

    def _shown(self, request: HttpRequest, visit: Visit, page: ResolverMatch) -> HttpResponse:
        if page.kwargs.get("uuid", visit.dossier) != visit.dossier:
            raise Http404
        writes = request.method not in {"GET", "HEAD"}
        if writes or is_of_the_account(page):
            context = {"writes": writes}
            return render(request, "orientation/see_as_refused.html", context, status=HTTPStatus.FORBIDDEN)
        return self.get_response(request)


def family_page(path: str) -> ResolverMatch | None:
    """The page at this address if it is one that families read; an address that is nobody's is none."""
    try:
        page = resolve(path)
    except Resolver404:
        return None
    return page if FAMILY_SIDE & set(page.app_names) and page.view_name not in OWN else None


def is_of_the_account(page: ResolverMatch) -> bool:
    """« Mon compte » tells of the person's address and of their other children: no part of one dossier."""
    return "families" in page.app_names and (page.view_name in WAYS_IN or getattr(page.func, "login_required", True))
