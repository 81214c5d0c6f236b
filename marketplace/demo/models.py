"""What only a development machine keeps: the mail that would have been sent, what was loaded."""

from django.db import models


class Mail(models.Model):
    """One e-mail that the site sent while nobody was listening."""

    sent_at = models.DateTimeField(auto_now_add=True)
    sender = models.CharField(max_length=254)
    recipients = models.TextField()
    subject = models.CharField(max_length=998)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.subject


class Loaded(models.Model):
    """A part of the demo province that stands complete; a part cut off leaves no row."""

    part = models.CharField(max_length=40, primary_key=True)
    loaded_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.part
