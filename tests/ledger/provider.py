"""A mail provider on this machine: it takes letters as its API does, and tells what became of them as its webhooks do.

The answers and the events have the fields that Brevo, Mailjet and Scaleway document and that anymail reads.
"""

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from django.http import HttpResponse
from django.test import Client

from ledger.models import OutgoingEmail

SECRET = "prestataire:secret-des-essais"  # of config/settings_test.py
BREVO_NUMBER = "<202701201842.27287306012@smtp-relay.mailin.fr>"
MAILJET_NUMBER = 13792286917004336
ACCEPTS = {
    "brevo": (201, {"messageId": BREVO_NUMBER}),
    "mailjet": (200, {"Messages": [
        {"Status": "success", "To": [{"Email": "p@exemple.fr", "MessageID": MAILJET_NUMBER}]},
    ]}),
    "scaleway": (200, {"emails": [{"id": "a1b2", "mail_rcpt": "p@exemple.fr", "status": "new"}]}),
}  # fmt: skip
# what Mailjet answers to one letter it will not take, while the request itself is right
MAILJET_REFUSES = {"Messages": [{"Status": "error", "Errors": [{
    "ErrorIdentifier": "88b5ca9f-5f1f-42e7-a45e-9ecbad0c285e", "ErrorCode": "send-0011", "StatusCode": 400,
    "ErrorMessage": 'Header cannot be customized using the "Headers" collection.', "ErrorRelatedTo": ['Headers["X"]'],
}]}]}  # fmt: skip


@dataclass
class Provider:
    """`posted`: (path, headers, body) of each request. It answers `status` and `answer`."""

    status: int
    answer: dict[str, Any]
    url: str = ""
    posted: list[tuple[str, dict[str, str], dict[str, Any]]] = field(default_factory=list)


@contextmanager
def taking(status: int, answer: dict[str, Any]) -> Iterator[Provider]:
    provider = Provider(status, answer)

    class Desk(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            provider.posted.append((self.path, dict(self.headers), json.loads(body)))
            said = json.dumps(provider.answer).encode()
            self.send_response(provider.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *words: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Desk)
    provider.url = f"http://127.0.0.1:{server.server_address[1]}/"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def brevo(event: str, letter: OutgoingEmail | None, at: datetime, to: str, **more: Any) -> dict[str, Any]:
    """One event of Brevo's: alone in its request."""
    seconds = int(at.timestamp())
    ours = {"X-Mailin-custom": json.dumps({"letter": str(letter.pk)})} if letter else {}
    return {
        "event": event, "email": to, "id": 9999999, "message-id": BREVO_NUMBER, "subject": "[ORIENTATION]",
        "date": f"{at:%Y-%m-%d %H:%M:%S}", "ts": seconds - 3600, "ts_event": seconds - 3600, "ts_epoch": seconds * 1000,
        "tag": '["recap_author"]', "tags": ["recap_author"], "sending_ip": "198.51.100.7", **ours, **more,
    }  # fmt: skip


def mailjet(event: str, letter: OutgoingEmail | None, at: datetime, to: str, **more: Any) -> dict[str, Any]:
    """One event of Mailjet's: they come in groups."""
    return {
        "event": event, "time": int(at.timestamp()), "MessageID": MAILJET_NUMBER, "email": to, "mj_campaign_id": 0,
        "mj_contact_id": 9876543210, "customcampaign": "recap_author", "mj_message_id": str(MAILJET_NUMBER),
        "Payload": json.dumps({"letter": str(letter.pk)}) if letter else "", **more,
    }  # fmt: skip


def tell(provider: str, said: Any, *, secret: str = SECRET, client: Client | None = None) -> HttpResponse:
    """Call the webhook of `brevo` or `mailjet`, with what it says (bytes: as they are)."""
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    shown = {"Authorization": f"Basic {base64.b64encode(secret.encode()).decode()}"} if secret else {}
    caller = client or Client(enforce_csrf_checks=True)
    return caller.post(f"/courriels/{provider}/", body, content_type="application/json", headers=shown)
