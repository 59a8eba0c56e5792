"""Who asks: every kind of person and of program that may come to an address."""

from enum import StrEnum


class Role(StrEnum):
    ANONYMOUS = "anonymous"
    MOTHER = "mother, who holds the pen"
    FATHER = "father"
    PUPIL = "pupil"
    OTHER_PARENT = "parent of another child of the class"
    FORMER = "representative whose link has ended"
    LEVEL_2 = "person of level 2"
    LEVEL_3 = "person of level 3"
    OTHER_PUPIL = "another pupil of the class"
    READER = "reader of the school"
    SECRETARY = "secretary of the school"
    HEAD = "head of the school"
    OTHER_HEAD = "head of another school of the académie"
    ACADEMY = "académie"
    OTHER_ACADEMY = "another académie"
    SUPPORT = "support"
    NATIONAL = "national administration"
    SUPERUSER = "administrator"
    WRONG_TOKEN = "program with a wrong token"
    SIECLE_TOKEN = "program with the token of the simulator"
    SERVICE_TOKEN = "program with the token of the service"
    METRICS_TOKEN = "program that watches the nights"


NOBODY = (Role.ANONYMOUS, Role.WRONG_TOKEN, Role.SIECLE_TOKEN, Role.SERVICE_TOKEN, Role.METRICS_TOKEN)
FAMILY = (Role.MOTHER, Role.FATHER, Role.PUPIL)
STRANGERS = (Role.OTHER_PARENT, Role.FORMER, Role.LEVEL_2, Role.LEVEL_3, Role.OTHER_PUPIL)
OF_THE_SCHOOL = (Role.READER, Role.SECRETARY, Role.HEAD)
NO_PUPIL = (Role.SUPPORT, Role.NATIONAL)  # they read no pupil's data: neither a school's nor an académie's
STAFF = (*OF_THE_SCHOOL, Role.OTHER_HEAD, Role.ACADEMY, Role.OTHER_ACADEMY, *NO_PUPIL, Role.SUPERUSER)
ELSEWHERE = (Role.OTHER_HEAD, Role.OTHER_ACADEMY, *NO_PUPIL)
SIGNED_IN = (*FAMILY, *STRANGERS, *STAFF)
EVERYBODY = (*NOBODY, *SIGNED_IN)
