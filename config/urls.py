from django.contrib import admin
from django.urls import include, path

from config.health import health

urlpatterns = [
    path("sante/", health, name="health"),
    path("admin/", admin.site.urls),
    path("", include("siecle_sync.urls")),
    path("", include("families.urls")),
    path("", include("orientation.urls")),
]
