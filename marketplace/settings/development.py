"""On a person's own machine: embedded database, e-mails to read in the browser."""

from datetime import timedelta

from marketplace.kernel import clock
from marketplace.settings import embedded
from marketplace.settings.base import *  # noqa: F403
from marketplace.settings.base import INSTALLED_APPS, VAR_DIR, database, env, logging_config

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env("SECRET_KEY", default="development-only-key-that-protects-nothing-" + "0" * 20)
ALLOWED_HOSTS = ["*"]
INSTALLED_APPS = [*INSTALLED_APPS, "marketplace.demo"]

IS_EMBEDDED = not env("DATABASE_URL", default="")
DATABASES = {
    "default": database(
        embedded.database_url(VAR_DIR / "postgres") if IS_EMBEDDED else env("DATABASE_URL")
    )
}
#: Demo accounts may print their second-factor code; production has no such setting.
DEMO_MODE = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "http"
EMAIL_BACKEND = "marketplace.demo.mailbox.MailboxBackend"

# A look at the shop as it will be later: seconds to run ahead of real time.
clock.shift(timedelta(seconds=env.int("OCOP_CLOCK_OFFSET_SECONDS", default=0)))
PUBLIC_PAGES_ARE_STRICT = DEBUG
LOGGING = logging_config(
    level=env("LOG_LEVEL", default="INFO"), as_json=env.bool("LOG_AS_JSON", default=False)
)
