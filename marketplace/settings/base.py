"""Settings that hold everywhere; development, test and production add what differs.

Nothing secret has a default here: production names what is missing and refuses to start.
"""

from datetime import timedelta
from pathlib import Path

import environ
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _
from oscar.defaults import *  # noqa: F403

from marketplace.platform import csp as policies
from marketplace.platform.log_config import logging_config

env = environ.Env()
BASE_DIR = Path(__file__).resolve().parents[2]
VAR_DIR = BASE_DIR / "var"

# --- What is installed -----------------------------------------------------------------
OUR_APPS = [
    "theme",
    "marketplace.platform",
    "marketplace.places",
    "marketplace.accounts",
    "marketplace.media",
    "marketplace.producers",
    "catalogue.apps.CatalogueConfig",
    "marketplace.vouchers",
    "marketplace.shipping",
    "marketplace.orders",
    "marketplace.payments",
    "marketplace.checkout.apps.CheckoutConfig",
    "cms",
    "search.apps.SearchConfig",
    "marketplace.imports",
    "marketplace.shop",
    "marketplace.portal",
    "marketplace.office",
]

INSTALLED_APPS = [
    # Before the admins and Oscar, so that our templates and translated fields win.
    "modeltranslation",
    *OUR_APPS,
    "wagtail_localize",
    "wagtail_localize.locales",
    "wagtail.contrib.forms",
    "wagtail.contrib.redirects",
    "wagtail.contrib.settings",
    "wagtail.embeds",
    "wagtail.sites",
    "marketplace.accounts.apps.StaffUsersConfig",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "django_filters",
    "laces",
    "oscar.config.Shop",
    "oscar.apps.analytics.apps.AnalyticsConfig",
    "oscar.apps.address.apps.AddressConfig",
    "oscar.apps.shipping.apps.ShippingConfig",
    "oscar.apps.catalogue.reviews.apps.CatalogueReviewsConfig",
    "oscar.apps.communication.apps.CommunicationConfig",
    "oscar.apps.partner.apps.PartnerConfig",
    "oscar.apps.basket.apps.BasketConfig",
    "oscar.apps.payment.apps.PaymentConfig",
    "oscar.apps.offer.apps.OfferConfig",
    "oscar.apps.order.apps.OrderConfig",
    "oscar.apps.customer.apps.CustomerConfig",
    "oscar.apps.voucher.apps.VoucherConfig",
    "oscar.apps.wishlists.apps.WishlistsConfig",
    "oscar.apps.dashboard.apps.DashboardConfig",
    "oscar.apps.dashboard.reports.apps.ReportsDashboardConfig",
    "oscar.apps.dashboard.users.apps.UsersDashboardConfig",
    "oscar.apps.dashboard.orders.apps.OrdersDashboardConfig",
    "oscar.apps.dashboard.catalogue.apps.CatalogueDashboardConfig",
    "oscar.apps.dashboard.offers.apps.OffersDashboardConfig",
    "oscar.apps.dashboard.partners.apps.PartnersDashboardConfig",
    # Oscar fails to start without its flat pages; nothing links to them.
    "oscar.apps.dashboard.pages.apps.PagesDashboardConfig",
    "oscar.apps.dashboard.ranges.apps.RangesDashboardConfig",
    "oscar.apps.dashboard.reviews.apps.ReviewsDashboardConfig",
    "oscar.apps.dashboard.vouchers.apps.VouchersDashboardConfig",
    "oscar.apps.dashboard.communications.apps.CommunicationsDashboardConfig",
    "oscar.apps.dashboard.shipping.apps.ShippingDashboardConfig",
    "widget_tweaks",
    "treebeard",
    "django_tables2",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "csp",
    "procrastinate.contrib.django",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.sites",
    "django.contrib.flatpages",
    "django.contrib.sitemaps",
    "django.contrib.postgres",
]

MIDDLEWARE = [
    # Outermost: a page that anybody may see leaves before anything else is done.
    "marketplace.platform.middleware.PublicPageCache",
    "marketplace.platform.middleware.RequestNumber",
    "marketplace.platform.statements.PlannedOnce",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "marketplace.platform.middleware.ContentSecurityPolicy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "marketplace.accounts.middleware.StaffSecondFactor",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "marketplace.checkout.middleware.BasketMiddleware",
    "axes.middleware.AxesMiddleware",
    "wagtail.contrib.redirects.middleware.RedirectMiddleware",
]

ROOT_URLCONF = "marketplace.urls"
WSGI_APPLICATION = "marketplace.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SITE_ID = 1

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "theme" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.template.context_processors.i18n",
                "django.contrib.messages.context_processors.messages",
                "oscar.apps.checkout.context_processors.checkout",
                "oscar.core.context_processors.metadata",
                "wagtail.contrib.settings.context_processors.settings",
                "cms.context_processors.chrome",
                "marketplace.accounts.context_processors.account_pages",
            ],
        },
    },
]

# --- Data -------------------------------------------------------------------------------
#: Whether a connection keeps the plans of statements; poolers may not allow it.
DATABASE_PREPARED = env.bool("DATABASE_PREPARED", default=True)


def database(url: str) -> dict:
    """Django's description of the PostgreSQL at ``url``.

    READ COMMITTED is PostgreSQL's default; three seconds are the longest anybody waits for a
    locked row.
    """
    config = env.db_url_config(url)
    options = {**config.get("OPTIONS", {}), "options": "-c lock_timeout=3000"}
    if DATABASE_PREPARED:
        options["prepare_threshold"] = 2
    return {
        **config,
        "ENGINE": "marketplace.platform.postgresql",
        "OPTIONS": options,
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
    }


CACHES = {
    "default": env.cache_url("CACHE_URL", default="locmemcache://ocop"),
    "pages": env.cache_url("CACHE_URL", default="locmemcache://ocop-pages"),
}
CACHES["pages"] = {
    **CACHES["pages"], "KEY_PREFIX": "pages", "TIMEOUT": 24 * 3600, "max_entries": 2000
}
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"

# --- Platform ---------------------------------------------------------------------------
# Part of the address of a public page; whatever else stands after the "?" makes no difference.
PUBLIC_PAGE_QUERY_KEYS = (
    "category", "commune", "giao-den", "grower", "kind", "lang", "p", "page", "price", "price_from",
    "price_through", "q", "season", "sort", "unit",
)  # fmt: skip
# Nothing below these is ever a public page, so the page cache need not be asked.
PRIVATE_PREFIXES = (
    "/cms/", "/dashboard/", "/django-admin/", "/portal/", "/en/portal/", "/api/", "/health/",
    "/static/", "/media/",
)  # fmt: skip
# Whether a public page that sets a cookie fails (to be found) or is only not kept.
PUBLIC_PAGES_ARE_STRICT = False
CONTENT_SECURITY_POLICY = policies.CONTENT_SECURITY_POLICY
CSP_BY_PREFIX = policies.CSP_BY_PREFIX
# Wagtail's background work, on our queue.
TASKS = {"default": {"BACKEND": "marketplace.platform.tasks_backend.ProcrastinateBackend"}}
# The dotted path of a function (number, text) that sends an SMS; none are sent without.
SMS_GATEWAY = env("SMS_GATEWAY", default="")
LOGGING = logging_config(
    level=env("LOG_LEVEL", default="INFO"), as_json=env.bool("LOG_AS_JSON", default=True)
)

# --- People -----------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    # Takes one of a few checks before any password is looked at (accounts/guessing.py).
    "axes.backends.AxesStandaloneBackend",
    "marketplace.accounts.backends.PasswordBackend",
]
# The e-mail address is unique once confirmed (a constraint), not before: our backend knows.
SILENCED_SYSTEM_CHECKS = ["auth.W004"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
LOGIN_URL = reverse_lazy("account_login")
LOGIN_REDIRECT_URL = reverse_lazy("account_home")

SESSION_COOKIE_AGE = 30 * 24 * 3600
SESSION_COOKIE_SAMESITE = "Lax"
PASSWORD_RESET_TIMEOUT = 24 * 3600

ACCOUNT_ADAPTER = "marketplace.accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email", "phone"}
# SMS is off: a phone is a field of our own form, noted and not confirmed.
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_FORMS = {
    "login": "marketplace.accounts.forms.SignInForm",
    "signup": "marketplace.accounts.forms.SignUpForm",
}
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_CONFIRM_EMAIL_ON_GET = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = True
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https"
# How many proxies stand in front: the caller's address is that far from the end of
# X-Forwarded-For. 0: nobody does, the header is not believed.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)

MFA_ADAPTER = "marketplace.accounts.adapter.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_FORMS = {
    "authenticate": "marketplace.accounts.forms.SecondFactorForm",
    "reauthenticate": "marketplace.accounts.forms.SecondFactorAgainForm",
}
MFA_TOTP_ISSUER = "Đất Sen"
# Phones' clocks go wrong by half a minute.
MFA_TOTP_TOLERANCE = 1

AXES_HANDLER = "marketplace.accounts.guessing.TakingHandler"
AXES_USERNAME_CALLABLE = "marketplace.accounts.guessing.key_of"
AXES_CLIENT_IP_CALLABLE = "marketplace.accounts.guessing.client_ip"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=30)
AXES_LOCKOUT_TEMPLATE = "account/locked.html"
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = False

# --- Language, time, money --------------------------------------------------------------
LANGUAGE_CODE = "vi"
LANGUAGES = [("vi", _("Vietnamese")), ("en", _("English"))]
WAGTAIL_CONTENT_LANGUAGES = LANGUAGES
WAGTAIL_I18N_ENABLED = True
MODELTRANSLATION_DEFAULT_LANGUAGE = "vi"
MODELTRANSLATION_LANGUAGES = ("vi", "en")
MODELTRANSLATION_FALLBACK_LANGUAGES = ("vi",)
# Our own messages, then those of packages without Vietnamese; the first one wins.
LOCALE_PATHS = [BASE_DIR / "theme" / "locale", BASE_DIR / "theme" / "locale_foreign"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Ho_Chi_Minh"

# --- Files ------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
MEDIA_URL = "/media/"
MEDIA_ROOT = VAR_DIR / "media"
# Whatever was uploaded stays out of reach in the private folder: only the prepared sizes of
# pictures, in `media/renditions`, are served.
PRIVATE_ROOT = VAR_DIR / "private"
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": PRIVATE_ROOT},
    },
    "renditions": {
        "BACKEND": "marketplace.platform.storages.LocalFiles",
        "OPTIONS": {"location": MEDIA_ROOT, "base_url": MEDIA_URL},
    },
    "staticfiles": {"BACKEND": "marketplace.platform.storages.StaticFiles"},
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

# --- Wagtail ----------------------------------------------------------------------------
# No picture is fetched from elsewhere for a member of staff.
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_SITE_NAME = "Đất Sen"
WAGTAILADMIN_BASE_URL = env("SITE_URL", default="http://127.0.0.1:8000")
WAGTAILIMAGES_IMAGE_MODEL = "media.LibraryImage"
WAGTAILIMAGES_IMAGE_FORM_BASE = "marketplace.media.forms.LibraryImageForm"
WAGTAILIMAGES_RENDITION_STORAGE = "renditions"
WAGTAILIMAGES_EXTENSIONS = ["jpg", "jpeg", "png", "webp", "avif", "heic", "heif"]
WAGTAILIMAGES_MAX_UPLOAD_SIZE = 20 * 1024 * 1024
WAGTAILIMAGES_MAX_IMAGE_PIXELS = 40_000_000
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "cms.search_backend"}}
WAGTAIL_ALLOW_UNICODE_SLUGS = False
WAGTAILADMIN_PERMITTED_LANGUAGES = LANGUAGES
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAIL_WORKFLOW_ENABLED = True
# Passwords and addresses of accounts change in one place (accounts).
WAGTAIL_PASSWORD_MANAGEMENT_ENABLED = False
WAGTAIL_PASSWORD_RESET_ENABLED = False
WAGTAILUSERS_PASSWORD_ENABLED = False
WAGTAIL_EMAIL_MANAGEMENT_ENABLED = False
WAGTAIL_FRONTEND_LOGIN_URL = LOGIN_URL

# --- Oscar ------------------------------------------------------------------------------
OSCAR_SHOP_NAME = "Đất Sen"
OSCAR_DEFAULT_CURRENCY = "VND"
OSCAR_HOMEPAGE = "/"
OSCAR_DYNAMIC_CLASS_LOADER = "marketplace.class_loader.class_loader"
OSCAR_OFFERS_INCL_TAX = True
OSCAR_OFFER_ROUNDING_FUNCTION = "marketplace.kernel.money.round_amount"
OSCAR_SLUG_FUNCTION = "marketplace.kernel.fold.slugify"
OSCAR_ALLOW_ANON_CHECKOUT = True
OSCAR_ALLOW_ANON_REVIEWS = False
OSCAR_EAGER_ALERTS = False
OSCAR_SEND_REGISTRATION_EMAIL = False
OSCAR_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default="dat-sen@example.test")
DEFAULT_FROM_EMAIL = OSCAR_FROM_EMAIL
OSCAR_REQUIRED_ADDRESS_FIELDS = ("first_name", "line1", "country")
OSCAR_HIDDEN_FEATURES = ["reviews", "wishlists"]
OSCAR_THUMBNAILER = "marketplace.media.thumbnails.LibraryThumbnailer"
OSCAR_MISSING_IMAGE_URL = "theme/missing.svg"
OSCAR_BASKET_COOKIE_LIFETIME = 30 * 24 * 3600
OSCAR_DELETE_IMAGE_FILES = False
# More of one thing than a garden could pick; a slip of the finger, not an order.
OSCAR_MAX_BASKET_QUANTITY_THRESHOLD = 9999

SITE_URL = WAGTAILADMIN_BASE_URL
