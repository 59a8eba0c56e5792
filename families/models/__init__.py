"""Who: schools, pupils, their legal representatives, staff, the accounts they sign in with, and what they type once."""

from families.models.codes import ActivationCode, AddressChange, PasswordResetCode
from families.models.people import (
    Academy,
    Division,
    Guardianship,
    Level,
    Representative,
    ResponsibilityLevel,
    School,
    Session,
    StaffMembership,
    StaffRole,
    Student,
    StudentScope,
    User,
    YearDivision,
    schools_managed_by,
)
from families.models.signing_in import Attachment, Guesses, Identity, SignIn, Way

__all__ = [
    "Academy",
    "ActivationCode",
    "AddressChange",
    "Attachment",
    "Division",
    "Guardianship",
    "Guesses",
    "Identity",
    "Level",
    "PasswordResetCode",
    "Representative",
    "ResponsibilityLevel",
    "School",
    "Session",
    "SignIn",
    "StaffMembership",
    "StaffRole",
    "Student",
    "StudentScope",
    "User",
    "Way",
    "YearDivision",
    "schools_managed_by",
]
