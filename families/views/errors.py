from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from families.keeping import keep_of_older_page


@login_not_required
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form whose page is older than the session: what was typed comes back in the page of today (ENT-07).

    `reason` is for developers: not shown.
    """
    if keep_of_older_page(request):
        return redirect(request.get_full_path())
    return render(request, "403_csrf.html", status=403)
