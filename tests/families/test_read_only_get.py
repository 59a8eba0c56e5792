"""A page that is read writes nothing, whatever its view does; a form that is posted writes."""

import pytest
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from families.middleware import ReadOnlyGet, WriteOnGet, writes_on_get
from families.models import Academy

pytestmark = pytest.mark.django_db


def a_view_that_writes(request: HttpRequest) -> HttpResponse:
    Academy.objects.create(code="77", name="Essai", sender_email="essai@exemple.invalid")
    return HttpResponse()


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_a_view_that_writes_when_read_is_stopped_before_the_database(method: str) -> None:
    with pytest.raises(WriteOnGet), transaction.atomic():
        ReadOnlyGet(a_view_that_writes)(RequestFactory().generic(method, "/"))
    assert not Academy.objects.filter(code="77").exists()


def test_the_same_view_writes_when_posted() -> None:
    ReadOnlyGet(a_view_that_writes)(RequestFactory().post("/"))
    assert Academy.objects.filter(code="77").exists()


def test_a_view_that_says_so_writes_when_read() -> None:
    request = RequestFactory().get("/")
    guard = ReadOnlyGet(a_view_that_writes)
    guard.process_view(request, writes_on_get(a_view_that_writes), (), {})
    guard(request)
    assert Academy.objects.filter(code="77").exists()
