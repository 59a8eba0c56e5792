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

__all__ = [
    "Academy",
    "ActivationCode",
    "AddressChange",
    "Division",
    "Guardianship",
    "Level",
    "PasswordResetCode",
    "Representative",
    "ResponsibilityLevel",
    "School",
    "Session",
    "StaffMembership",
    "StaffRole",
    "Student",
    "StudentScope",
    "User",
    "YearDivision",
    "schools_managed_by",
]
