from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


@login_not_required
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form whose page is older than the session. `reason` is for developers: not shown."""
    return render(request, "403_csrf.html", status=403)
