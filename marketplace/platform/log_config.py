"""One log line, one event, in JSON; nothing about a person.

``settings.LOGGING = logging_config(...)``. Addresses and telephone numbers are masked wherever
they occur, values named in ``PERSONAL_NAMES`` are dropped, and jobs are logged by name and
number instead of with their arguments.
"""

from __future__ import annotations

import logging
from typing import Any

import structlog

from marketplace.platform.personal import PERSONAL_NAMES, mask


def logging_config(*, level: str = "INFO", as_json: bool = True) -> dict[str, Any]:
    """A value for Django's LOGGING: to standard error, as JSON or for people to read."""
    before: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(allow=("action", "status_code")),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        without_personal_data,
    ]
    renderer = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if as_json
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"jobs": {"()": "marketplace.platform.log_config.JobsWithoutArguments"}},
        "formatters": {
            "events": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": before,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    renderer,
                ],
            }
        },
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "formatter": "events",
                "filters": ["jobs"],
            }
        },
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # Django's own handlers would write the same line a second time.
            "django": {"handlers": [], "propagate": True},
            "django.server": {"handlers": [], "propagate": True},
            # One line for each task at every start, and for each minute.
            "procrastinate.blueprints": {"level": "WARNING"},
            "procrastinate.periodic": {"level": "WARNING"},
        },
    }


def without_personal_data(logger: Any, method: str, event: dict[str, Any]) -> dict[str, Any]:
    """A structlog processor: drop values named as personal, mask what looks personal."""
    return {
        key: mask(value) if isinstance(value, str) else value
        for key, value in event.items()
        if key not in PERSONAL_NAMES
    }


class JobsWithoutArguments(logging.Filter):
    """Names a job by its task and number: its arguments are somebody's address and order."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the records of procrastinate that quote a call; keep all."""
        job = getattr(record, "job", None)
        if isinstance(job, dict) and "call_string" in job:
            record.msg = record.getMessage().replace(
                job["call_string"], f"{job.get('task_name')}[{job.get('id')}]"
            )
            record.args = ()
            del record.job
        return True
