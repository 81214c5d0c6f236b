"""Pages that exist on a development machine only."""

from django.urls import path

from marketplace.demo import mailbox

app_name = "demo"
urlpatterns = [
    path("mail/", mailbox.mail_list, name="mail_list"),
    path("mail/<int:pk>/", mailbox.mail_detail, name="mail_detail"),
    path("mail/<int:pk>/html/", mailbox.mail_html, name="mail_html"),
]
