"""What is kept of a rendered part is given again only where it is the same."""

from dataclasses import dataclass

import pytest
from django import forms
from django.template import Context
from django.utils import translation
from django.utils.safestring import mark_safe

from theme.components import BasketLine, EmptyState, Field, Link, Message, TaskCard, base


@pytest.fixture(autouse=True)
def nothing_kept(monkeypatch):
    monkeypatch.setattr(base, "_kept", {})


def test_an_equal_part_is_rendered_once():
    first = Link("Xoài", "/xoai/").render_html()
    assert Link("Xoài", "/xoai/").render_html() is first
    assert Link("Xoài", "/khac/").render_html() != first
    assert len(base._kept) == 2


def test_languages_are_kept_apart():
    part = TaskCard(title="x", button="y", action="/z/", urgent=True)
    state = EmptyState(title="x")
    with translation.override("vi"):
        vietnamese = state.render_html(), part.render_html()
    with translation.override("en"):
        state.render_html(), part.render_html()
    with translation.override("vi"):
        assert (state.render_html(), part.render_html()) == vietnamese
    assert len({language for language, _key in base._kept}) == 2


def test_escaped_text_is_not_taken_for_plain_text():
    plain = Message(text="<b>x</b>").render_html()
    safe = Message(text=mark_safe("<b>x</b>")).render_html()
    assert "&lt;b&gt;" in plain
    assert "<b>x</b>" in safe


def test_one_and_true_are_two_values():
    keys = {base._key(value) for value in ((1,), (True,), ("1",))}
    assert len(keys) == 3


def test_a_token_is_never_given_to_somebody_else():
    part = BasketLine(name="Xoài", total="1 ₫", line_id="7", action="/doi/")
    assert "csrfmiddlewaretoken" not in part.render_html()
    mine = part.render_html(Context({"csrf_token": "mine"}))
    yours = part.render_html(Context({"csrf_token": "yours"}))
    assert 'value="mine"' in mine
    assert 'value="yours"' in yours
    assert "mine" not in yours
    assert not base._kept


def test_a_token_deep_inside_is_noticed_from_outside():
    @dataclass(frozen=True)
    class Outer(base.Part):
        inner: base.Part
        template_name = "components/_outer_for_tests.html"

        def _html(self, context):
            return self.inner.render_html(context)

    inner = BasketLine(name="Xoài", total="1 ₫", line_id="7", action="/doi/")
    token = base._Token("mine")
    assert "mine" in Outer(inner)._html({"csrf_token": token})
    assert token.was_read


def test_a_form_field_is_rendered_each_time():
    class Form(forms.Form):
        name = forms.CharField()

    bound = Form({"name": "một"})["name"]
    assert "một" in Field(bound=bound).render_html()
    assert not base._kept


def test_no_more_than_so_many(monkeypatch):
    monkeypatch.setattr(base, "_MOST_KEPT", 10)
    for number in range(35):
        Link(str(number), "/").render_html()
    assert len(base._kept) <= 10
