from django.urls import path

from families.views import account, arrivals, attaching, connections, oidc, pages, second_factor, sessions, signin

app_name = "families"

urlpatterns = [
    path("", pages.home, name="home"),
    path("connexion/", signin.SignIn.as_view(), name="sign_in"),
    path("connexion/code/", second_factor.second_factor, name="second_factor"),
    path("connexion/code/secours/", second_factor.recovery_code, name="recovery_code"),
    path("connexion/telephone/", second_factor.phone, name="phone"),
    path("connexion/confirmer/", sessions.reauthenticate, name="reauthenticate"),
    path("connexion/<slug:slug>/", oidc.start, name="provider_start"),
    path("connexion/<slug:slug>/retour/", oidc.provider_return, name="provider_return"),
    path("deconnexion/fournisseur/", oidc.leave, name="leave"),
    path("deconnexion/fournisseur/suite/", oidc.leave_provider, name="leave_provider"),
    path("deconnexion/retour/", oidc.provider_left, name="provider_left"),
    path("activation/", signin.activate, name="activate"),
    path("mot-de-passe/", signin.lost_password, name="lost_password"),
    path("mot-de-passe/etablissement/", signin.renew_password, name="renew_password"),
    path("mot-de-passe/code/", signin.reset_code, name="reset_code"),
    path("mot-de-passe/nouveau/", signin.reset_password, name="reset_password"),
    path("mon-compte/", account.account, name="account"),
    path("mon-compte/adresse/", account.address, name="address"),
    path("mon-compte/adresse/code/", account.address_code, name="address_code"),
    path("premier-acces/", arrivals.arrival, name="arrival"),
    path("premier-acces/verifier/", arrivals.arrival_confirm, name="arrival_confirm"),
    path("mon-compte/rattacher/", attaching.attach_child, name="attach"),
    path("mon-compte/rattacher/verifier/", attaching.attach_confirm, name="attach_confirm"),
    path("mon-compte/relier/", arrivals.link_identity, name="link_identity"),
    path("mon-compte/mot-de-passe/", account.change_password, name="change_password"),
    path("mon-compte/connexions/", connections.connections, name="connections"),
    path("mon-compte/connexions/<slug:slug>/retirer/", connections.stop_using, name="stop_using"),
    path("mon-compte/sessions/fermer/", sessions.close_sessions, name="close_sessions"),
    path("mon-compte/sessions/partout/", sessions.close_everywhere, name="close_everywhere"),
    path("session/prolonger/", sessions.stay, name="stay"),
    path("accessibilite/", pages.accessibility, name="accessibility"),
    path("donnees-personnelles/", pages.privacy, name="privacy"),
    path("mentions-legales/", pages.legal, name="legal"),
    path("aide/", pages.help_page, name="help"),
    path("aide/connexion/", pages.sign_in_help, name="sign_in_help"),
    path("aide/<str:guide>/", pages.guide, name="guide"),
]
