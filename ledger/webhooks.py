"""Where providers tell what became of the letters. Anymail reads their words; here is who may speak, and how badly.

Without ANYMAIL_WEBHOOK_SECRET there is no such address. Scaleway has none: anymail does not read its events yet.
"""

import logging
from typing import Any

from anymail.exceptions import AnymailConfigurationError, AnymailWebhookValidationFailure
from anymail.signals import AnymailTrackingEvent
from anymail.webhooks.base import AnymailBaseWebhookView
from anymail.webhooks.brevo import BrevoTrackingWebhookView
from anymail.webhooks.mailjet import MailjetTrackingWebhookView
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse

logger = logging.getLogger(__name__)

UNREADABLE = (ArithmeticError, AttributeError, LookupError, OSError, TypeError, ValueError, AnymailConfigurationError)


class Guarded(AnymailBaseWebhookView):
    """404 where no secret is set, 401 for a wrong one, 400 for what cannot be read. None of them writes anything."""

    warn_if_no_basic_auth = False

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        if not self.basic_auth:
            raise Http404
        super().setup(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().post(request, *args, **kwargs)
        except AnymailWebhookValidationFailure as why:
            logger.warning("%s", why)
            return HttpResponse(status=401, headers={"WWW-Authenticate": "Basic"})

    def parse_events(self, request: HttpRequest) -> list[AnymailTrackingEvent]:
        try:
            return super().parse_events(request)
        except UNREADABLE as why:
            raise BadRequest(f"{self.esp_name}: {type(why).__name__}") from why


class BrevoNews(Guarded, BrevoTrackingWebhookView):
    pass


class MailjetNews(Guarded, MailjetTrackingWebhookView):
    pass
