from django.urls import include, path

from siecle_sync import views

urlpatterns = [
    path("api/siecle/conseils/", views.council, name="siecle_council"),
    path("siecle-simulateur/api/", include("siecle_sync.mock.urls")),
]
