"""Which words of a producer's profile exist in Vietnamese and English."""

from modeltranslation.translator import TranslationOptions, register

from marketplace.producers.models import Producer


@register(Producer)
class ProducerTranslation(TranslationOptions):
    fields = ("name", "story", "pause_reason")
