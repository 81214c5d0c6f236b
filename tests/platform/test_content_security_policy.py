import pytest

from marketplace.platform.middleware import ContentSecurityPolicy


def policy(rf, path: str, is_dummy: bool = False) -> dict[str, str]:
    from django.http import HttpResponse

    request = rf.get(path)
    if is_dummy:
        request.is_dummy = True
    response = ContentSecurityPolicy(lambda request: HttpResponse(""))(request)
    parts = (part.strip().partition(" ") for part in response["Content-Security-Policy"].split(";"))
    return {name: value for name, _, value in parts}


def test_public_pages_run_no_inline_script_or_style(rf):
    public = policy(rf, "/san-pham/")
    assert public["default-src"] == "'none'"
    assert public["script-src"] == "'self'"
    assert public["style-src"] == "'self'"
    assert public["frame-ancestors"] == "'none'"
    assert public["base-uri"] == "'none'"
    assert "unsafe" not in " ".join(public.values())


@pytest.mark.parametrize("path", ["/cms/pages/3/", "/django-admin/", "/dashboard/orders/"])
def test_the_admins_may_have_their_inline_scripts(rf, path):
    admin = policy(rf, path)
    assert admin["script-src"] == "'self' 'unsafe-inline'"
    assert admin["frame-ancestors"] == "'self'"


def test_portal_and_checkout_are_as_strict_as_the_shop(rf):
    assert policy(rf, "/portal/") == policy(rf, "/thanh-toan/") == policy(rf, "/")


def test_a_preview_may_stand_in_a_frame_of_the_admin(rf):
    preview = policy(rf, "/", is_dummy=True)
    assert preview["frame-ancestors"] == "'self'"
    assert preview["script-src"] == "'self'"
