import io
import json
import logging
import logging.config

import pytest
import structlog
from procrastinate.jobs import Job

from marketplace.platform.log_config import logging_config
from marketplace.platform.personal import mask


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("to lan.nguyen+a@mail.example.vn now", "to [email] now"),
        ("call 0912 345 678 or +84912345678", "call [phone] or [phone]"),
        ("0277.385.1234", "[phone]"),
        ("order 100200300400, 285.000 in 2026-11-24", "order 100200300400, 285.000 in 2026-11-24"),
    ],
)
def test_mask(text, masked):
    assert mask(text) == masked


@pytest.fixture
def written():
    """Logs as production does, into a text; returns what has been written, as objects."""
    config = logging.config.DictConfigurator(logging_config())
    handler = logging.StreamHandler(io.StringIO())
    handler.setFormatter(config.configure_formatter(config.config["formatters"]["events"]))
    for jobs in config.config["filters"].values():
        handler.addFilter(config.configure_filter(jobs))
    logging.root.addHandler(handler)
    level = logging.root.level
    logging.root.setLevel(logging.INFO)
    yield lambda: [json.loads(line) for line in handler.stream.getvalue().splitlines()]
    logging.root.setLevel(level)
    logging.root.removeHandler(handler)


def test_a_line_is_json_with_the_requests_number(written):
    with structlog.contextvars.bound_contextvars(request_id="r-1"):
        logging.getLogger("marketplace.orders").warning("Order %s is late", 7)
    (line,) = written()
    assert line["event"] == "Order 7 is late"
    assert (line["level"], line["logger"], line["request_id"]) == (
        "warning",
        "marketplace.orders",
        "r-1",
    )
    assert line["timestamp"].endswith("Z")


def test_a_line_names_nobody(written):
    with structlog.contextvars.bound_contextvars(email="a@b.test", phone="1", order=7):
        try:
            raise ValueError("Key (email)=(lan@example.test) already exists")
        except ValueError:
            logging.getLogger("x").exception("Failed for lan@example.test, 0912345678")
    (line,) = written()
    assert line["event"] == "Failed for [email], [phone]"
    assert "lan@example.test" not in json.dumps(line)
    assert "Key (email)=([email])" in line["exception"]
    assert line["order"] == 7
    assert "phone" not in line


def test_jobs_are_named_without_their_arguments(written):
    job = Job(
        id=7,
        queue="messages",
        lock=None,
        queueing_lock=None,
        task_name="platform.send_mail",
        task_kwargs={"to": "lan@example.test", "context": {"name": "Lan"}},
    )
    logging.getLogger("procrastinate.worker").info(
        f"Starting job {job.call_string}", extra={"job": job.log_context(), "action": "start_job"}
    )
    (line,) = written()
    assert line["event"] == "Starting job platform.send_mail[7]"
    assert "Lan" not in json.dumps(line)
