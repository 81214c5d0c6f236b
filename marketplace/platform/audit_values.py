"""Values of an audit entry that are read off an object and off the request under way."""

from __future__ import annotations

import json
from typing import Any

import structlog
from django.contrib.auth import get_user_model
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from marketplace.platform.personal import PERSONAL_NAMES

_REMEMBERED = "_audit_before"
#: Of a user only what decides about rights.
_USER_FIELDS = frozenset({"id", "is_active", "is_staff", "is_superuser", "language"})


def request_id() -> str:
    """The number of the request under way, empty outside of one."""
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))


def snapshot(instance: models.Model) -> dict[str, Any]:
    """The object's own columns as JSON, without those about a person."""
    is_user = isinstance(instance, get_user_model())
    values = {
        field.attname: field.value_to_string(instance)
        if isinstance(field, models.FileField)
        else getattr(instance, field.attname)
        for field in instance._meta.concrete_fields
        if (field.name in _USER_FIELDS if is_user else field.name not in PERSONAL_NAMES)
    }
    return json.loads(json.dumps(values, cls=DjangoJSONEncoder, default=str))


def remember(instance: models.Model) -> None:
    """Note the object's values, to be the ``before`` of the next entry about it."""
    setattr(instance, _REMEMBERED, snapshot(instance))


def remembered(instance: models.Model) -> dict[str, Any] | None:
    """What ``remember`` noted on this very object."""
    return getattr(instance, _REMEMBERED, None)
