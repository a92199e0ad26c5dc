"""Django's settings. What differs between installations comes from the environment (environment.py); nothing else does."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import dj_database_url
from csp.constants import NONE, SELF

from portal.config.environment import read_environment

ENVIRONMENT = read_environment()
HOME = ENVIRONMENT.home
for folder in ("central", "keys", "static"):
    (HOME / folder).mkdir(parents=True, exist_ok=True, mode=0o700)
SOURCE = Path(__file__).parents[1]

SECRET_KEY = ENVIRONMENT.secret
DEBUG = False
ALLOWED_HOSTS = list(ENVIRONMENT.hosts)
ADDRESS = ENVIRONMENT.address
CONTACT = ENVIRONMENT.contact
ROOT_URLCONF = "portal.config.urls"
WSGI_APPLICATION = "portal.config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sitemaps",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "portal.audit",
    "portal.accounts",
    "portal.notices",
    "portal.requests",
    "portal.uploads",
    "portal.runs",
    "portal.review",
    "portal.publishing",
    "portal.ops",
    "portal.library",
    "portal.public",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "portal.accounts.middleware.SessionLimits",
    # Deny by default: a page for everybody says so (login_not_required).
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "portal.accounts.middleware.SecondFactor",
    "portal.config.middleware.NothingUnprintable",
    "portal.config.middleware.Refusals",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [SOURCE / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {
            "environment": "portal.config.jinja.environment",
            "context_processors": [
                "django.contrib.messages.context_processors.messages",
                "portal.config.jinja.about_the_visitor",
            ],
        },
    },
    # allauth's own pages, where we have none (none that anybody is led to).
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    },
]

# A server sets DATABASE_URL (PostgreSQL); a laptop has a file. Writers wait for each other instead of failing late.
DATABASES = {"default": dj_database_url.config(default=f"sqlite:///{HOME / 'portal.sqlite3'}", conn_max_age=60)}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
    }
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "shared_cache"},
    # Of one process: how often an address has asked the library's interface.
    "near": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "near"},
}

# The library: the line of its licence on every page and download, and requests a minute from one address.
LIBRARY_LICENCE = ENVIRONMENT.licence
LIBRARY_API_LIMIT = 120

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_TZ = True
STATIC_URL = "/static/"
STATICFILES_DIRS = [SOURCE / "static"]
STATIC_ROOT = HOME / "static"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False

# People
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["email", "name"]},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_LOGOUT_REDIRECT_URL = "start"
ACCOUNT_ADAPTER = "portal.accounts.adapter.AccountAdapter"
MFA_ADAPTER = "portal.accounts.adapter.MFAAdapter"
ACCOUNT_SIGNUP_FORM_CLASS = "portal.accounts.forms.RegistrationForm"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_CONFIRM_EMAIL_ON_GET = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_DEFAULT_HTTP_PROTOCOL = ADDRESS.partition(":")[0]
ALLAUTH_TRUSTED_PROXY_COUNT = ENVIRONMENT.proxies
ACCOUNT_RATE_LIMITS = {"login": "30/m/ip", "login_failed": "10/m/ip,5/5m/key", "subscribe": "10/m/ip"}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Justice Data Lab"
SESSION_IDLE_LIMIT = timedelta(minutes=30)
SESSION_ABSOLUTE_LIMIT = timedelta(hours=12)
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
INVITATION_LIFE = timedelta(days=14)

# Letters: a folder of files on a laptop (or its console), a server's own elsewhere.
EMAIL_BACKEND = f"django.core.mail.backends.{ENVIRONMENT.letters}.EmailBackend"
EMAIL_FILE_PATH = HOME / "letters"
DEFAULT_FROM_EMAIL = f"datalab@{ENVIRONMENT.hosts[0]}"

# Uploads: a scanner of the lab's own reads each before it is kept (uploads/scanning.py).
SCANNER = ENVIRONMENT.scanner

# Whether results may be opened to named persons during the fact check (publishing/quality.py).
QUALITY_ACCESS = ENVIRONMENT.quality_access

# The browser
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
if ENVIRONMENT.is_production:
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True

# Uploads: in memory alone, and no more than the engine takes (uploads/receiving.py).
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FILES = 1
FILE_UPLOAD_HANDLERS = ["portal.uploads.receiving.Bounded"]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
