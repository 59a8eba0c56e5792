from uuid import UUID

from celery import shared_task
from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string

from families.models import Academy, PasswordResetCode, User
from ledger.mail import refuse_real_mailbox


@shared_task(name="families.tasks.send_password_code", ignore_result=True)
def send_password_code(request_id: str) -> None:
    """Write the code to the account's own address. A request for nobody sends nothing; a lost one is asked again."""
    row = PasswordResetCode.objects.select_related("user").filter(uuid=UUID(request_id), used_at=None).first()
    if row is None or row.user is None:
        return
    refuse_real_mailbox(row.email)
    digits = row.digits()
    body = render_to_string("emails/password_code.txt", {"code": f"{digits[:4]} {digits[4:]}", "user": row.user})
    EmailMessage("[ORIENTATION] Votre code pour changer de mot de passe", body, sender(row.user), [row.email]).send()


def sender(user: User) -> str:
    """The generic address of the académie of this account, or the service's own."""
    academy = Academy.objects.filter(schools__representatives__user=user).order_by("code").first()
    return academy.sender_email if academy else settings.DEFAULT_FROM_EMAIL
