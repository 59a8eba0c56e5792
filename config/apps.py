from django.apps import AppConfig
from django.core.checks import Tags, register

from config.checks import sandbox_mail_stays_inside


class ProjectConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        register(sandbox_mail_stays_inside, Tags.security)
