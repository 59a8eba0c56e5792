"""The family's documents, each a PDF made when it is asked for: sheet, attestation, appeal form (SIE-09, ANS-07)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from families.paper import as_pdf
from orientation.access import Access
from orientation.documents.appeal import appeal_form, may_be_filed
from orientation.documents.attestation import attestation
from orientation.documents.pdf import appeal_pdf, attestation_pdf, sheets_pdf
from orientation.documents.sheet import sheet
from orientation.documents.words import where
from orientation.views.family import family_page


@family_page
def sheet_document(request: HttpRequest, access: Access) -> HttpResponse:
    """What this family may read, and nothing more (OPI-01, OPI-02)."""
    said = sheet(access.facts, where(access.dossier), access.now, family=True)
    return as_pdf(sheets_pdf([said]), "fiche-de-dialogue")


@family_page
def attestation_document(request: HttpRequest, access: Access) -> HttpResponse:
    said = attestation(access.facts, where(access.dossier), access.now)
    return as_pdf(attestation_pdf(said), "attestation-de-saisie")


@family_page
def appeal_document(request: HttpRequest, access: Access) -> HttpResponse:
    """Where there is nothing to appeal any more, or yet, the screen of the decision says why."""
    if not may_be_filed(access.facts, access.now):
        return redirect("orientation:decision", uuid=access.facts.uuid)
    return as_pdf(appeal_pdf(appeal_form(access.facts, where(access.dossier), access.now)), "appel")
