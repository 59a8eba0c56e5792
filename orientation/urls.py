"""The family's addresses: a screen each, and the verbs under it."""

from django.urls import include, path, register_converter

from orientation.converters import PhaseConverter
from orientation.views import (
    agreement,
    decision,
    documents,
    draft,
    entry,
    history,
    home,
    leaving,
    objection,
    opinions,
    portal,
    proposals,
)

register_converter(PhaseConverter, "phase")

app_name = "orientation"

ENTRY = [
    path("", entry.entry, name="entry"),
    path("modifier/", entry.entry_change, name="entry_change"),
    path("ajouter/", entry.entry_add, name="entry_add"),
    path("valider/", draft.validate, name="entry_validate"),
    path("annuler/", draft.cancel, name="entry_cancel"),
    path("desaccord/", objection.object_to_entry, name="entry_object"),
    path("<int:rank>/", entry.entry_edit, name="entry_edit"),
    path("<int:rank>/monter/", draft.up, name="entry_up"),
    path("<int:rank>/descendre/", draft.down, name="entry_down"),
    path("<int:rank>/deplacer/", draft.move, name="entry_move"),
    path("<int:rank>/supprimer/", draft.remove, name="entry_remove"),
]
DOSSIER = [
    path("", home.home, name="dossier"),
    path("<phase:phase>/", include(ENTRY)),
    path("avis/", opinions.opinions, name="opinions"),
    path("avis/accuser-reception/", opinions.acknowledge, name="acknowledge"),
    path("propositions/", proposals.proposals, name="proposals"),
    path("propositions/confirmer/", proposals.confirm, name="confirm_answer"),
    path("propositions/repondre/", proposals.answer, name="answer"),
    path("accord/", agreement.agreement, name="agreement"),
    path("accord/repondre/", agreement.agree, name="agree"),
    path("decision/", decision.decision, name="decision"),
    path("historique/", history.history, name="history"),
    path("documents/fiche-de-dialogue/", documents.sheet_document, name="sheet"),
    path("documents/attestation/", documents.attestation_document, name="attestation"),
    path("documents/appel/", documents.appeal_document, name="appeal_form"),
]
urlpatterns = [
    path("mes-services/", portal.portal, name="portal"),
    path("deconnexion/", leaving.sign_out, name="sign_out"),
    path("dossiers/<uuid:uuid>/", include(DOSSIER)),
]
