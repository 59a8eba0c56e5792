from django.urls import path

from siecle_sync.mock import views

app_name = "siecle_mock"
urlpatterns = [
    path("depots/<uuid:uuid>/", views.deposit, name="deposit"),
    path("depots/<uuid:uuid>/compte-rendu/", views.report, name="report"),
    path("depots/<uuid:uuid>/compte-rendu/lignes/", views.report_lines, name="report_lines"),
    path("reponses/", views.feed, name="feed"),
]
