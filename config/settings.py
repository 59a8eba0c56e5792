"""Every value comes from the environment; what is not said is the safe choice for production.

`ORIENTATION_DEV=1` (the demo, the tests) allows plain HTTP and a made-up secret key.
"""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from kombu import Queue

from config.providers import identity_providers

BASE_DIR = Path(__file__).resolve().parent.parent


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, default)


def flag(name: str, default: bool = False) -> bool:
    return text(name, "1" if default else "0").lower() in {"1", "true", "yes", "oui"}


def words(name: str, default: str = "") -> list[str]:
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


DEV = flag("ORIENTATION_DEV")
DEBUG = DEV and flag("DEBUG")
SECRET_KEY = text(
    "SECRET_KEY",
    "development-only-never-a-secret-key-of-a-real-deployment" if DEV else "",
)
if not SECRET_KEY:
    raise ImproperlyConfigured("SECRET_KEY manque dans l’environnement.")

# --- this service -----------------------------------------------------------------------------------------------------
SANDBOX = flag("SANDBOX")  # allows moving the date; mail then stays on this machine (config/checks.py)
PUBLIC_URL = text("PUBLIC_URL", "http://localhost:8000").rstrip("/")  # in the letters
SIECLE_BASE_URL = text("SIECLE_BASE_URL").rstrip("/")  # empty: the simulated Siècle, inside this process
SIECLE_TOKEN = text("SIECLE_TOKEN")
SIECLE_CALLBACK_TOKEN = text("SIECLE_CALLBACK_TOKEN")
SIECLE_TIMEOUT_CONNECT = float(text("SIECLE_TIMEOUT_CONNECT", "10"))  # seconds
SIECLE_TIMEOUT_READ = float(text("SIECLE_TIMEOUT_READ", "60"))  # seconds without a byte
SIECLE_TIMEOUT_TOTAL = float(text("SIECLE_TIMEOUT_TOTAL", "900"))  # seconds of one request, reply included
SIECLE_CA_FILE = text("SIECLE_CA_FILE")  # who signed Siècle's certificate; empty: the authorities that browsers know
SIECLE_CLIENT_CERT = text("SIECLE_CLIENT_CERT")  # when Siècle wants to know us by a certificate too (PEM)
SIECLE_CLIENT_KEY = text("SIECLE_CLIENT_KEY")  # empty: in the same file
SIECLE_PROXY = text("SIECLE_PROXY")  # the proxy of the environment does not count
NIGHT_PART_PUPILS = int(text("NIGHT_PART_PUPILS", "100000"))  # of one part of a night, played by one worker
# Opinions of one school that a night may change or withdraw without asking: fewer than LEAST, or at most this SHARE.
NIGHT_MASS_CHANGE_LEAST = int(text("NIGHT_MASS_CHANGE_LEAST", "20"))
NIGHT_MASS_CHANGE_SHARE = float(text("NIGHT_MASS_CHANGE_SHARE", "0.5"))
# Who keeps the service running: told by e-mail of what is wrong with the nights (docs/exploitation.md).
OPERATORS = words("OPERATORS")
NIGHT_ALERT_ATTEMPTS = int(text("NIGHT_ALERT_ATTEMPTS", "2"))  # failures of a part, then somebody is told
NIGHT_ALERT_STUCK_MINUTES = int(text("NIGHT_ALERT_STUCK_MINUTES", "120"))  # a part that has begun and is not over
NIGHT_ALERT_REFUSED_LEAST = int(text("NIGHT_ALERT_REFUSED_LEAST", "20"))  # refused lines of a school or of a night…
NIGHT_ALERT_REFUSED_SHARE = float(text("NIGHT_ALERT_REFUSED_SHARE", "0.1"))  # … and their share of what was read
NIGHT_ALERT_UNSENT_HOURS = int(text("NIGHT_ALERT_UNSENT_HOURS", "48"))  # an entry that Siècle has not taken
METRICS_TOKEN = text("METRICS_TOKEN")  # what a monitoring program shows at /metriques/; empty: no such page
ASSISTANCE_URL = text("ASSISTANCE_URL", "https://assistanceteleservices.education.gouv.fr/")  # CAL-10
HELP_URL = text("HELP_URL", "/aide/")
ONISEP_URL = text("ONISEP_URL", "https://www.onisep.fr/")
PUBLISHER = text("PUBLISHER")  # who opens the service to the public, and who hosts it: the legal notice
HOSTING = text("HOSTING")
# Signs the extracts of the journal: Ed25519, PEM or the 32 bytes in base64 (manage.py journal_key makes one).
JOURNAL_SIGNING_KEY = text("JOURNAL_SIGNING_KEY", "ZGV2ZWxvcG1lbnQtb25seS1uZXZlci1hLXJlYWwta2U=" if DEV else "")
RETENTION_MONTHS = int(text("RETENTION_MONTHS", "12"))  # of dossiers, after the 31 August that ends their school year
SMALL_GROUP = int(text("SMALL_GROUP", "5"))  # smaller figures are hidden outside the school; 0: none is; else 3 or more
OFFICIAL_THEME = flag("OFFICIAL_THEME")  # Marianne and the block-mark: entitled authorities only

# --- applications -----------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "config.apps.StaffAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "config.apps.TrimmedStaticFilesConfig",
    "django.contrib.postgres",
    "config.apps.ProjectConfig",
    "ledger.apps.LedgerConfig",
    "families.apps.FamiliesConfig",
    "orientation.apps.OrientationConfig",
    "siecle_sync.apps.SiecleSyncConfig",
    "siecle_sync.mock.apps.MockConfig",
    "crispy_forms",
    "dsfr",  # before django.forms, or radios and errors lose their style
    "django.forms",
    "pgtrigger",
    "axes",
    "csp",
    "anymail",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "families.keeping.NothingLost",
    "families.keeping.LoginRequired",
    "families.middleware.NothingKept",
    "families.middleware.SessionActivity",
    "families.middleware.ReadOnlyGet",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "axes.middleware.AxesMiddleware",
    "orientation.middleware.SeeingAs",  # the last one: what is outside is the visitor's own
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            # dsfr's own context processor queries the database at every render: not here
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "orientation.context.page",
                "families.session_end.session_end_context",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_ALLOWED_TEMPLATE_PACKS = ("dsfr_crispy",)
CRISPY_TEMPLATE_PACK = "dsfr_crispy"

# --- data -------------------------------------------------------------------------------------------------------------
DATABASE_URL = text("DATABASE_URL", "postgres://localhost/orientation")


def mock_url() -> str:
    """Same server, own database, unless SIECLE_MOCK_DATABASE_URL says otherwise."""
    parts = urlsplit(DATABASE_URL)
    return text("SIECLE_MOCK_DATABASE_URL") or urlunsplit(parts._replace(path=f"{parts.path}_siecle_mock"))


DATABASES = {
    alias: dj_database_url.parse(url, conn_max_age=60, conn_health_checks=True)
    for alias, url in {"default": DATABASE_URL, "siecle_mock": mock_url()}.items()
}
DATABASE_ROUTERS = ["siecle_sync.mock.router.MockRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- people and sessions ----------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "families.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [{"NAME": "families.strength.Strength"}]
LOGIN_URL = "/connexion/"
LOGIN_REDIRECT_URL = "/mes-services/"
SESSION_ENGINE = "families.sessions"
SESSION_COOKIE_AGE = 1800  # seconds without a request, then the session ends and its recap leaves (MAI-01)
SESSION_HOURS_FAMILIES = float(text("SESSION_HOURS_FAMILIES", "8"))  # after signing in, whatever is done
SESSION_HOURS_STAFF = float(text("SESSION_HOURS_STAFF", "10"))  # a long day of work, never two
SESSION_EXPIRE_AT_BROWSER_CLOSE = True  # the browser forgets it when it closes, the server after half an hour
# Minutes after which the final answer asks for the password, or for the provider, again; 0: never.
REAUTHENTICATE_MINUTES = float(text("REAUTHENTICATE_MINUTES", "0" if DEV or SANDBOX else "15"))
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # two cookies, and no third

AXES_HANDLER = "families.sign_in_throttle.Handler"  # django-axes and two counters more
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = "families.sign_in_throttle.failure_limit"
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # who goes on trying does not make the owner wait longer
AXES_CLIENT_IP_CALLABLE = "config.proxy.client_address"
AXES_VERBOSE = False
AXES_LOCKOUT_TEMPLATE = "families/locked_out.html"

# EduConnect, FranceConnect, ProConnect: those that the environment names (config/providers.py)
IDENTITY_PROVIDERS = identity_providers(os.environ)
IDENTITY_CA_FILE = text("IDENTITY_CA_FILE")  # who signed their certificates; empty: the authorities that browsers know
IDENTITY_PROXY = text("IDENTITY_PROXY")  # the proxy of the environment does not count
IDENTITY_TIMEOUT_CONNECT = float(text("IDENTITY_TIMEOUT_CONNECT", "3"))  # seconds: somebody is waiting
IDENTITY_TIMEOUT_READ = float(text("IDENTITY_TIMEOUT_READ", "5"))  # seconds without a byte

# staff type six digits of their phone after the password (families/second_factor.py); families never do
STAFF_SECOND_FACTOR = flag("STAFF_SECOND_FACTOR", default=not (DEV or SANDBOX))
OTP_TOTP_ISSUER = "Orientation"  # the name that the phone shows beside the digits

# --- security ---------------------------------------------------------------------------------------------------------
ALLOWED_HOSTS = words("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]" if DEV else "")
CSRF_TRUSTED_ORIGINS = words("CSRF_TRUSTED_ORIGINS")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = not DEV
SECURE_REDIRECT_EXEMPT = [r"^sante/$"]  # the load balancer asks from inside, in plain HTTP
SESSION_COOKIE_NAME = "sessionid" if DEV else "__Host-sessionid"
CSRF_COOKIE_NAME = "csrftoken" if DEV else "__Host-csrftoken"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = "/"
CSRF_COOKIE_AGE = None  # like the session's, it dies with the browser
CSRF_FAILURE_VIEW = "families.views.errors.csrf_failure"
SECURE_HSTS_SECONDS = 0 if DEV else 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not DEV
BEHIND_TLS_PROXY = flag("BEHIND_TLS_PROXY")  # only where the proxy writes X-Forwarded-Proto and X-Forwarded-For itself
if BEHIND_TLS_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],  # DSFR draws small icons from its style sheet
        "object-src": [NONE],
        "base-uri": [SELF],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}

# --- language and time ------------------------------------------------------------------------------------------------
LANGUAGE_CODE = "fr-fr"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"  # each school has its own: templates activate it

# --- files ------------------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = Path(text("STATIC_ROOT", str(BASE_DIR / "staticfiles")))
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = DEV  # the demo serves without collectstatic
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEV
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# --- letters ----------------------------------------------------------------------------------------------------------
EMAIL_BACKEND = text("EMAIL_BACKEND", "django.core.mail.backends.smtp.EmailBackend")
EMAIL_FILE_PATH = text("EMAIL_FILE_PATH") or None
EMAIL_HOST = text("EMAIL_HOST", "localhost")
EMAIL_PORT = int(text("EMAIL_PORT", "25"))
EMAIL_HOST_USER = text("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = text("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = flag("EMAIL_USE_TLS")
EMAIL_TIMEOUT = 10  # seconds
DEFAULT_FROM_EMAIL = text("DEFAULT_FROM_EMAIL", "ne-pas-repondre@localhost")
# ANYMAIL_BREVO_API_KEY=… in the environment, with EMAIL_BACKEND=anymail.backends.brevo.EmailBackend
MAIL_PER_MINUTE = int(text("MAIL_PER_MINUTE", "0"))  # the provider's limit, all workers together; 0 = none
# results do not reach a whole académie at the same minute: each school has its own, among so many
LETTER_WAVE_MINUTES = int(text("LETTER_WAVE_MINUTES", "0" if SANDBOX else "90"))
LETTER_RETENTION_DAYS = int(text("LETTER_RETENTION_DAYS", "400"))
ANYMAIL: dict[str, Any] = {
    name.removeprefix("ANYMAIL_"): value for name, value in os.environ.items() if name.startswith("ANYMAIL_")
}
ANYMAIL["WEBHOOK_SECRET"] = words("ANYMAIL_WEBHOOK_SECRET")  # « name:secret », several while one replaces another

# --- background work --------------------------------------------------------------------------------------------------
CELERY_BROKER_URL = REDIS_URL = text("REDIS_URL", "redis://localhost:6379/0")
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_connect_timeout": 1,
    "socket_timeout": 2,
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0,
    "visibility_timeout": 4 * 3600,
}
CELERY_BROKER_CONNECTION_TIMEOUT = 1  # seconds: a page never waits for Redis
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# the parts of the nights are long: a queue of their own, so that letters never wait behind them; a worker that is not
# told which (-Q) serves both
CELERY_TASK_QUEUES = [Queue(name, routing_key=name) for name in ("celery", "nuits")]
CELERY_TASK_ROUTES = {f"siecle_sync.tasks.{name}": {"queue": "nuits"} for name in ("part", "rehearse", "play_upload")}
CELERY_TIMEZONE = TIME_ZONE

# --- logs: one line each, on standard error ---------------------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": text("LOG_LEVEL", "INFO")},
    "loggers": {"django": {"handlers": [], "level": "INFO", "propagate": True}},
}
