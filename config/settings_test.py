"""Settings of the tests: a development deployment, in a hurry, with its mail in memory."""

import os

os.environ["ORIENTATION_DEV"] = "1"

from config.settings import *  # noqa: F403
from config.settings import STORAGES

SANDBOX = True
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
IDENTITY_PROVIDERS = {}  # whatever the machine of the tests offers
ANYMAIL = {"WEBHOOK_SECRET": ["prestataire:secret-des-essais"]}
LETTER_WAVE_MINUTES = 0
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
AXES_ENABLED = False  # the tests of the throttle turn it on
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
WHITENOISE_AUTOREFRESH = True  # no scan of ten thousand files before each test
SIECLE_TOKEN = SIECLE_CALLBACK_TOKEN = METRICS_TOKEN = "test-token"  # noqa: S105
STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
