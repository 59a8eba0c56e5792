"""The family's one door: an object of theirs, or 404, which reveals nothing (ACC-06)."""

from uuid import UUID

from django.http import Http404

from families.models import (
    Guardianship,
    Representative,
    School,
    Student,
    User,
    schools_managed_by,
)
from ledger.journal import Actor
from ledger.models import ActorKind


def access_student(user: User, uuid: UUID) -> Student:
    """Return the pupil if this user is the pupil or a legal representative of today; otherwise raise Http404."""
    student = Student.objects.visible_to(user).select_related("school__academy", "division").filter(uuid=uuid).first()
    if student is None:
        raise Http404
    return student


def acting_for(user: User, student: Student, *, sid: UUID | None = None) -> Actor:
    """Say as whom this user acts for this pupil: the pupil, or the legal representative. Raises Http404 if neither."""
    if student.user_id == user.pk:
        return Actor(ActorKind.STUDENT, student.uuid, student.full_name, sid)
    link = (
        Guardianship.objects.legal()
        .filter(student=student, representative__user=user)
        .select_related("representative")
        .order_by("representative_id")
        .first()
    )
    if link is None:
        raise Http404
    return as_representative(link.representative, sid=sid)


def as_representative(person: Representative, *, sid: UUID | None = None) -> Actor:
    return Actor(ActorKind.REPRESENTATIVE, person.uuid, person.full_name, sid)


def access_school(user: User, uai: str) -> School:
    """Return the school if this member of staff manages it; otherwise raise Http404."""
    school = schools_managed_by(user).filter(uai=uai).first()
    if school is None:
        raise Http404
    return school
