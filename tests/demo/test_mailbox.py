"""Where a development machine shows the mails that it would have sent."""

import re

import pytest
from django.core.mail import EmailMultiAlternatives

pytestmark = pytest.mark.django_db


@pytest.fixture
def send(settings):
    settings.EMAIL_BACKEND = "marketplace.demo.mailbox.MailboxBackend"

    def one(subject, html=""):
        mail = EmailMultiAlternatives(
            subject, "Chào chị Đào,\nđã nhận đơn.", "cho@example.test", ["dao@example.test"]
        )
        if html:
            mail.attach_alternative(html, "text/html")
        mail.send()

    return one


def test_without_a_mail_the_page_says_what_brings_one(client):
    assert "Chưa có thư nào" in client.get("/demo/mail/").content.decode()


def test_a_mail_is_listed_and_read(client, send):
    send("Đã nhận đơn DS7K4M2", html="<p>Đã <b>nhận</b> đơn.</p>")

    page = client.get("/demo/mail/").content.decode()
    assert "dao@example.test" in page
    (address,) = re.findall(r'href="(/demo/mail/\d+/)">Đã nhận đơn DS7K4M2<', page)
    mail = client.get(address).content.decode()
    assert "đã nhận đơn." in mail
    assert "cho@example.test" in mail
    (frame,) = re.findall(r'<iframe src="([^"]+)"', mail)
    assert "<b>nhận</b>" in client.get(frame).content.decode()


def test_the_newest_fifty_come_first_in_a_constant_number_of_queries(
    client, send, django_assert_max_num_queries
):
    for number in range(51):
        send(f"Thư {number}")

    with django_assert_max_num_queries(8):
        page = client.get("/demo/mail/").content.decode()
    assert page.index("Thư 50<") < page.index("Thư 49<")
    assert "Thư 0<" not in page
    assert "Thư 0<" in client.get("/demo/mail/?page=2").content.decode()
