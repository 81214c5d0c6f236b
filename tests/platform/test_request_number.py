import structlog
from django.http import HttpResponse

from marketplace.platform.audit_values import request_id
from marketplace.platform.middleware import RequestNumber


def number_seen(rf, **headers: str) -> str:
    seen = []
    answer = RequestNumber(lambda request: seen.append(request_id()) or HttpResponse(""))
    answer(rf.get("/", headers=headers))
    return seen[0]


def test_each_request_has_a_number_for_its_log_lines(rf):
    first, second = number_seen(rf), number_seen(rf)
    assert first != second
    assert len(first) == 32
    assert request_id() == ""
    assert "request_id" not in structlog.contextvars.get_contextvars()


def test_a_proxys_number_is_kept_if_it_is_one(rf):
    assert number_seen(rf, **{"x-request-id": "abcdef-123456"}) == "abcdef-123456"
    assert number_seen(rf, **{"x-request-id": "<script>alert</script>"}) != "<script>"
    assert len(number_seen(rf, **{"x-request-id": "short"})) == 32
