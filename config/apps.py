from django.apps import AppConfig, apps
from django.contrib import admin
from django.contrib.admin.apps import AdminConfig
from django.contrib.staticfiles.apps import StaticFilesConfig
from django.core.checks import Tags, register

from config.checks import (
    identity_providers_are_whole,
    provider_news_are_authenticated,
    sandbox_mail_stays_inside,
    siecle_is_reached_safely,
    staff_has_a_second_factor,
)


class ProjectConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        register(sandbox_mail_stays_inside, Tags.security)
        register(siecle_is_reached_safely, Tags.security)
        register(provider_news_are_authenticated, Tags.security)
        register(identity_providers_are_whole, Tags.security)
        register(staff_has_a_second_factor, Tags.security, deploy=True)


class StaffAdminConfig(AdminConfig):
    default_site = "families.admin_site.StaffSite"

    def ready(self) -> None:
        super().ready()
        admin.site.unregister(apps.get_model("dsfr", "DsfrConfig"))  # its settings would change no page of ours
        for device in ("otp_totp.TOTPDevice", "otp_static.StaticDevice"):  # secrets: nobody reads them
            admin.site.unregister(apps.get_model(device))


class TrimmedStaticFilesConfig(StaticFilesConfig):
    """collectstatic without the parts of the design system that no page asks for: 4 seconds instead of 40."""

    ignore_patterns = [
        *StaticFilesConfig.ignore_patterns,
        *(f"dsfr/dist/{part}/*" for part in ("analytics", "component", "core", "layout", "legacy", "scheme")),
        "dsfr/dist/dsfr.*",
        "dsfr/dist/*/*.legacy.*",
        "dsfr/dist/*/*.main.*",
        "django-dsfr/icon-picker/*",
    ]
