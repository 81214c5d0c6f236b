"""What tests of accounts share."""

import pytest

from marketplace.platform import outbox


@pytest.fixture
def sent(monkeypatch):
    """The mails handed to the outbox, oldest first."""
    mails = []
    monkeypatch.setattr(outbox, "send_mail", lambda **mail: mails.append(mail))
    return mails
