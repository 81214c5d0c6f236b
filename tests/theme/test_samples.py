"""The sample page shows every component, and every page template renders with plain values."""

import dataclasses
import inspect
import re
from types import SimpleNamespace

import pytest
from django.template.loader import render_to_string
from django.utils import translation

from theme import components, samples
from theme.components import Part, base

SHOWN_ELSEWHERE = {"Header", "Footer", "MenuItem", "Breadcrumbs", "Link", "Picture"}


def rendered_samples() -> str:
    return render_to_string(
        "theme/samples.html", {"chrome": samples.chrome(), "sections": samples.sections()}
    )


def part_classes() -> list[type[Part]]:
    return [
        item
        for name in components.__all__
        if inspect.isclass(item := getattr(components, name)) and issubclass(item, Part)
    ]


def test_the_sample_page_renders():
    html = rendered_samples()
    assert "Xoài cát Hòa Lộc" in html
    assert html.count("<main") == 1


def test_every_component_stands_on_the_sample_page(monkeypatch):
    seen = set()
    original = Part.get_context_data

    def note(self, parent_context=None):
        seen.add(type(self).__name__)
        return original(self, parent_context)

    monkeypatch.setattr(Part, "get_context_data", note)
    monkeypatch.setattr(base, "_kept", {})
    rendered_samples()
    for name in samples.PAGES:
        template, context = samples.page(name)
        render_to_string(template, {"chrome": samples.chrome(), **context})
    missing = {item.__name__ for item in part_classes()} - {"Part"} - seen - SHOWN_ELSEWHERE
    assert not missing


@pytest.mark.parametrize("item", part_classes(), ids=lambda item: item.__name__)
def test_components_are_frozen_and_have_their_template(item):
    if item is Part:
        return
    assert dataclasses.is_dataclass(item)
    assert item.__dataclass_params__.frozen
    assert item.template_name.startswith("components/")


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("name", sorted(samples.PAGES))
def test_page_templates_render(name, language):
    template, context = samples.page(name)
    with translation.override(language):
        html = render_to_string(template, {"chrome": samples.chrome(), **context})
    assert f'<html lang="{language}">' in html
    assert len(re.findall(r"<h1[ >]", html)) == 1, "one page, one h1"


@pytest.mark.parametrize("name", ["403.html", "404.html", "500.html", "503.html"])
def test_error_pages_need_no_context_and_no_database(name):
    html = render_to_string(name)
    assert 'href="/"' in html


@pytest.mark.parametrize(
    "template", ["cms/home_page.html", "cms/story_page.html", "cms/legal_page.html"]
)
def test_editors_pages_render(template):
    page = SimpleNamespace(title="Một ngày tách tim sen", body=["Ba giờ sáng."])
    html = render_to_string(template, {"page": page, "chrome": samples.chrome()})
    assert "Ba giờ sáng." in html


def test_blocks_render():
    values = {
        "hero": {"hero": samples.hero()},
        "promises": {"items": [("truck", "Giao cả nước")]},
        "categories": {"tiles": samples.category_tiles()},
        "picks": {"title": "Đang vào mùa", "cards": samples.product_cards()},
        "teaser": {"title": "Chuyện làng", "text": "Sen nở.", "picture": samples.drawing()},
        "stories": {"title": "Về vườn", "cards": samples.story_cards()},
        "text": {"text": "Ba giờ sáng."},
        "heading": {"text": "Tim nhỏ, công lớn"},
        "picture": {"picture": samples.drawing(alt="Hạt sen", caption="Hạt sen bổ đôi")},
        "quote": {"quote": "Sen không chờ mình.", "name": "Cô Ba Sương"},
        "live_product": {"product": samples.live()},
        "tip": {"tip": components.Tip("Bài này không nói trà chữa bệnh")},
        "sources": {"sources": [("42 ký hạt cho 1 ký trà", "sổ sản xuất", "#so")]},
    }
    for name, context in values.items():
        assert render_to_string(f"cms/blocks/{name}.html", context).strip(), name


def test_a_drawing_says_that_it_is_one():
    with translation.override("en"):
        html = samples.drawing(alt="Mango").render_html()
    assert "Drawing" in html


def test_a_live_product_that_may_not_be_sold_is_one_line_without_a_price():
    html = samples.live(gone_reason="vườn nghỉ tới 05/12.").render_html()
    assert "vườn nghỉ tới 05/12." in html
    assert "120.000" not in html
    assert "<button" not in html


def test_errors_stand_on_top_and_beside_the_field_with_what_was_typed():
    form = samples.form(with_errors=True)
    summary = components.ErrorSummary.of(form).render_html()
    assert 'href="#bad_phone"' in summary
    html = components.Field(form["phone"]).render_html()
    assert 'value="0912 345 67"' in html
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="bad_phone-error bad_phone-hint"' in html
    assert 'id="bad_phone-error"' in html
    assert 'autocomplete="tel"' in html
    assert 'inputmode="tel"' in html


def test_a_form_without_errors_has_no_summary():
    assert components.ErrorSummary.of(samples.form()) is None


def test_what_people_type_is_escaped():
    card = components.ProductCard(name="<b>Xoài</b>", url="#", price="1 ₫")
    assert "<b>Xoài</b>" not in card.render_html()


def test_a_public_page_shows_no_token_and_no_messages():
    template, context = samples.page("san-pham")
    html = render_to_string(
        template,
        {"chrome": samples.chrome(), "csrf_token": "SECRET", "messages": ["x"], **context},
    )
    assert "SECRET" not in html
    assert "csrfmiddlewaretoken" not in html


@pytest.mark.parametrize("name", ["gio-hang", "don-hang", "ban-lam-viec"])
def test_forms_of_private_pages_carry_the_token(name):
    template, context = samples.page(name)
    html = render_to_string(
        template, {"chrome": samples.chrome(), "csrf_token": "SECRET", **context}
    )
    forms = re.findall(r'<form[^>]* method="post".*?</form>', html, re.S)
    assert forms
    assert all("SECRET" in form for form in forms)


def test_structured_data_cannot_end_its_script_block():
    from theme.templatetags.theme import json_ld

    assert "</script>" not in json_ld({"name": "</script><script>alert(1)</script>"})


def test_the_pager_names_neighbours_and_ends():
    pager = components.Pager.of(5, 12, lambda number: f"?trang={number}")
    assert [number for number, _ in pager.pages] == [1, None, 4, 5, 6, None, 12]
    assert [n for n, _ in components.Pager.of(3, 4, str).pages] == [1, 2, 3, 4]
