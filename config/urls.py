from django.contrib import admin
from django.urls import include, path

from config.health import health
from ledger.signing import public_key
from ledger.webhooks import BrevoNews, MailjetNews
from orientation.admin.sample_letters import sample_letter, sample_letter_html, sample_letters
from siecle_sync.metrics import metrics
from siecle_sync.sandbox_page import sandbox_page

urlpatterns = [
    path("sante/", health, name="health"),
    path("metriques/", metrics, name="metrics"),
    path("journal/cle-publique/", public_key, name="journal_key"),
    path("courriels/brevo/", BrevoNews.as_view(), name="brevo_news"),
    path("courriels/mailjet/", MailjetNews.as_view(), name="mailjet_news"),
    path("admin/bac-a-sable/", admin.site.admin_view(sandbox_page), name="sandbox"),
    path("admin/bac-a-sable/courriels/", admin.site.admin_view(sample_letters), name="sample_letters"),
    path("admin/bac-a-sable/courriels/<slug:slug>/", admin.site.admin_view(sample_letter), name="sample_letter"),
    path(
        "admin/bac-a-sable/courriels/<slug:slug>/html/",
        admin.site.admin_view(sample_letter_html),
        name="sample_letter_html",
    ),
    path("admin/", admin.site.urls),
    path("", include("siecle_sync.urls")),
    path("", include("families.urls")),
    path("", include("orientation.urls")),
]
