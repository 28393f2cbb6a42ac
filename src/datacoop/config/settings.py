"""Django's settings, from `DATACOOP_*` variables alone; safe without any. `datacoop doctor` explains them."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dj_database_url

from datacoop.config import environment

DATACOOP_DATA_DIR = Path(environment.text("DATA_DIR", "data")).absolute()
DATACOOP_BASE_URL = environment.text("BASE_URL", "http://127.0.0.1:8000").rstrip("/")
# What anonymous readers may do with what they get; clients have their terms.
DATACOOP_LICENCE = environment.text("LICENCE", "https://creativecommons.org/licenses/by/4.0/")
# Hosts of one's own network that lists may be pulled from, as name or name:port; else the public web alone.
DATACOOP_PULL_HOSTS = frozenset(environment.words("PULL_HOSTS"))
# Hosts of one's own network where clients may be told that something is new; clients choose the address, so these are
# others than those above.
DATACOOP_WEBHOOK_HOSTS = frozenset(environment.words("WEBHOOK_HOSTS"))
# Where anybody may write to the cooperative: an e-mail address or a URL; None: the form /write alone.
DATACOOP_CONTACT: str | None = environment.text("CONTACT") or None
# Who answers for the data, its postal address (lines separated by semicolons) and telephone number: nobody is told
# anything before they are given. In which country (ISO 3166) the data is stored.
_INVENTED = environment.invented(DATACOOP_DATA_DIR)
DATACOOP_CONTROLLER = environment.text("CONTROLLER", _INVENTED.get("CONTROLLER", ""))
# The invented test client that /api/ tells everybody: only where the demo was loaded and nobody real answers for it.
DATACOOP_SANDBOX = (
    environment.sandbox(DATACOOP_DATA_DIR)
    if DATACOOP_CONTROLLER and _INVENTED.get("CONTROLLER") == DATACOOP_CONTROLLER
    else None
)
DATACOOP_CONTROLLER_ADDRESS = environment.text("CONTROLLER_ADDRESS", _INVENTED.get("CONTROLLER_ADDRESS", ""))
DATACOOP_PHONE = environment.text("PHONE", _INVENTED.get("PHONE", ""))
DATACOOP_COUNTRY = environment.text("COUNTRY", "CH").upper()
# What one letter costs its holder, in Swiss cents.
DATACOOP_LETTER_CENTS = environment.number("LETTER_CENTS", 150)
# So long a letter and its answer take at least.
DATACOOP_CONFIRM_DAYS = environment.number("CONFIRM_DAYS", 2)
# Where reply slips are sent, lines separated by semicolons, the name first; without it, to the controller.
DATACOOP_POSTAL_ADDRESS = environment.text("POSTAL_ADDRESS")
# Requests a minute from one network without a token, and how much of the usual it may ask for in an hour; 0: no limit.
DATACOOP_RATE_PER_MINUTE = environment.number("RATE_PER_MINUTE", 6000)
DATACOOP_ANONYMOUS_PERCENT = environment.number("ANONYMOUS_PERCENT", 100)
# Requests a minute of a client whose agreement says nothing else; 0: no limit.
DATACOOP_CLIENT_RATE_PER_MINUTE = environment.number("CLIENT_RATE_PER_MINUTE", 6000)
DATACOOP_ANSWER_MEMORY_MB = environment.number("ANSWER_MEMORY_MB", 32)
# Only where a proxy sets X-Forwarded-For and X-Forwarded-Proto itself: anybody can write these headers.
DATACOOP_BEHIND_PROXY = environment.flag("BEHIND_PROXY")
# Names of domains in lists that people try go to this machine's name servers.
DATACOOP_ASK_DNS = environment.flag("ASK_DNS")

# The second place of withdrawals.log: a file, or a folder; on another disk than the data folder.
DATACOOP_WITHDRAWALS_COPY = environment.text("WITHDRAWALS_COPY")
# Under which backups are locked: the passphrase itself, or a file that holds it.
DATACOOP_BACKUP_PASSPHRASE = environment.secret("BACKUP_PASSPHRASE")

DEBUG = environment.flag("DEBUG")
SECRET_KEY = environment.secret_key(DATACOOP_DATA_DIR)
_HTTPS = DATACOOP_BASE_URL.startswith("https://")
ALLOWED_HOSTS = [
    host for host in {urlsplit(DATACOOP_BASE_URL).hostname, "localhost", "127.0.0.1", "[::1]"} if host
] + environment.words("ALLOWED_HOSTS")

# Rooms with tables, templates or a start-up of their own, lowest first.
_ROOMS = (
    "ledger",
    "charter",
    "jobs",
    "accounts",
    "records",
    "consent",
    "disclosure",
    "sources",
    "linking",
    "post",
    "clients",
    "rights",
    "directory",
    "feeds",
    "pipelines",
    "api",
    "portal",
    "cli",
)


def _has(module: str) -> bool:
    return find_spec("datacoop." + module.partition(".")[0]) is not None and find_spec("datacoop." + module) is not None


INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    *(f"datacoop.{room}" for room in _ROOMS if _has(f"{room}.apps")),
    # Signing in; its pages are the portal's own.
    "allauth",
    "allauth.account",
    "allauth.mfa",
]
AUTH_USER_MODEL = "accounts.Account" if _has("accounts.models") and _has("accounts.apps") else "auth.User"
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "servestatic.middleware.ServeStaticMiddleware",
    "datacoop.config.headers.SecurityHeaders",
    "datacoop.config.typed.TextWithoutNul",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]
ROOT_URLCONF = "datacoop.config.urls"
ASGI_APPLICATION = "datacoop.config.asgi.application"
APPEND_SLASH = False
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# Signing in (decision 0023): a code by e-mail or a passkey, an authenticator where somebody wants one; no password.
LOGIN_URL = "/sign-in"
LOGIN_REDIRECT_URL = "/account/"
ACCOUNT_ADAPTER = "datacoop.portal.entrance.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # the code is the verification
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = ACCOUNT_LOGIN_TIMEOUT = 900
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 5
MFA_ADAPTER = "datacoop.portal.entrance.AuthenticatorAdapter"
MFA_SUPPORTED_TYPES = ["webauthn", "totp", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_TOTP_TOLERANCE = 1  # a clock may be half a minute off

CACHES = {"default": {"BACKEND": "datacoop.portal.shared_cache.SharedCache"}}

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
_SQLITE_FILE = DATACOOP_DATA_DIR / "datacoop.sqlite3"
# Decisions must survive a power cut (synchronous), erased values must leave the file (secure_delete), and no page goes
# into a temporary file that nothing cleans (temp_store): SQLite keeps there what a savepoint may have to bring back.
_SQLITE_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON", "foreign_keys=ON", "temp_store=MEMORY")


def _database() -> dict[str, Any]:
    """The one database. Connections are not kept: under ASGI each request has a thread of its own."""
    found: dict[str, Any] = dict(
        dj_database_url.parse(environment.text("DATABASE_URL", f"sqlite:///{_SQLITE_FILE}"), conn_max_age=0)
    )
    if found["ENGINE"] == "django.db.backends.sqlite3":
        options = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": ";".join(f"PRAGMA {pragma}" for pragma in _SQLITE_PRAGMAS),
        }
        found["ENGINE"] = "datacoop.lib.queued_sqlite"
        found["OPTIONS"] = {**options, **found.get("OPTIONS", {})}
    return found


DATABASES = {"default": _database()}

LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", "Français"), ("de", "Deutsch"), ("it", "Italiano"), ("en", "English")]
LANGUAGE_COOKIE_NAME = "language"
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = _HTTPS
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Europe/Zurich"

# Files are found in the rooms themselves: nothing to collect. One named by its content is cached for ever.
STATIC_URL = "/static/"
SERVESTATIC_USE_FINDERS = True
SERVESTATIC_AUTOREFRESH = DEBUG
SERVESTATIC_MAX_AGE = 3600
SERVESTATIC_IMMUTABLE_FILE_TEST = r"\.[0-9a-f]{8,64}\.[a-z0-9.]+$"

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_NAME = "session"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "csrf"
CSRF_FAILURE_VIEW = "datacoop.portal.pages.expired"
CSRF_TRUSTED_ORIGINS = [DATACOOP_BASE_URL]
SECURE_HSTS_SECONDS = 31_536_000 if _HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if DATACOOP_BEHIND_PROXY else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 5_000_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_500_000

DEFAULT_FROM_EMAIL = SERVER_EMAIL = environment.text(
    "EMAIL_FROM", f"noreply@{urlsplit(DATACOOP_BASE_URL).hostname or 'localhost'}"
)
globals().update(environment.mail(environment.text("EMAIL_URL", "file:"), DATACOOP_DATA_DIR / "outbox"))

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "discreet": {
            "()": "datacoop.config.logs.Discreet",
            "format": "{asctime} {levelname} {name} {message}",
            "style": "{",
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "discreet"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        # Its INFO and DEBUG lines hold query parameters, hence values.
        "django.db.backends": {"level": "WARNING"},
        "django.server": {"handlers": [], "propagate": True},
    },
}
