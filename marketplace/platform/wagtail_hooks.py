"""Makes our audit the log of Wagtail's admin for everything but pages."""

from django.db import models
from wagtail import hooks
from wagtail.log_actions import LogActionRegistry

from marketplace.platform import audit
from marketplace.platform.models import AuditEntry


# After Wagtail's own hook, which registers its log for all models; pages keep theirs.
@hooks.register("register_log_actions", order=200)
def log_to_audit(actions: LogActionRegistry) -> None:
    """Object histories then show what our actions recorded beside what the admin did."""
    actions.register_model(models.Model, AuditEntry)
    for action, label in audit.labels().items():
        actions.register_action(action, label, label)
