"""The mails about accounts, as the outbox renders them."""

from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

FOLDER = Path(settings.BASE_DIR) / "theme" / "templates" / "mail" / "account"
LINK = "https://example.test/x/"


@pytest.mark.parametrize("name", sorted(path.name for path in FOLDER.iterdir()))
@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_mail_has_a_subject_a_text_and_a_page(name, language):
    context = {
        "language": language,
        "activate_url": LINK,
        "password_reset_url": LINK,
        "signup_url": LINK,
        "from_email": "old@example.test",
        "to_email": "new@example.test",
        "deleted_email": "old@example.test",
    }
    with translation.override(language):
        subject, text, page = (
            render_to_string(f"mail/account/{name}/{part}", context)
            for part in ("subject.txt", "body.txt", "body.html")
        )
    assert subject.strip()
    assert "\n" not in subject.strip()
    source = (FOLDER / name / "body.html").read_text()
    for key in ("activate_url", "password_reset_url", "signup_url"):
        if key in source:
            assert LINK in text
            assert f'href="{LINK}"' in page
    if "to_email" in source:
        assert "new@example.test" in text
