"""Whole pages filled with invented values, one for each page template and its states."""

from __future__ import annotations

from collections.abc import Callable

from django import forms
from django.utils.safestring import mark_safe

from theme import components as c
from theme.samples.editorial import home, story
from theme.samples.forms import SampleForm, form
from theme.samples.parts import (
    basket_groups,
    delivery,
    drawing,
    filters,
    label,
    producer,
    producer_cards,
    product_cards,
    river,
    steps,
    story_cards,
    summary,
)
from theme.samples.sections import sections


class _Buy:
    """What the product page needs to sell; see shop/product_detail.html."""

    action = "#add"
    product_id = "7"
    quantity = 1
    errors: tuple[str, ...] = ()
    age_words = ""


class _AgedBuy(_Buy):
    age_words = "Tôi đã đủ 18 tuổi."
    errors = ("Số lượng phải là số nguyên từ 1 trở lên.",)


def _crumbs() -> c.Breadcrumbs:
    return c.Breadcrumbs((c.Link("Trang chủ", "#"), c.Link("Trái cây", "#"), c.Link("Xoài", "#")))


def _list() -> dict:
    return {
        "title": "Xoài cát",
        "intro": "24 sản phẩm cho “xoai cat”, đã hiểu là xoài cát.",
        "suggestions": [c.Link("xoài cát Chu", "#"), c.Link("xoài cát Hòa Lộc", "#")],
        "breadcrumbs": _crumbs(),
        "promoted": [c.MenuItem("Đang mùa", "#", is_current=True), c.MenuItem("P. Cao Lãnh", "#")],
        "facets": filters(),
        "active_filters": c.ActiveFilters(
            (c.ActiveFilter("P. Mỹ Tho", "#a"), c.ActiveFilter("Hợp tác xã", "#b")), "#none"
        ),
        "sort": c.SortForm("#", (("", "Hợp nhất"), ("gia", "Giá thấp trước"))),
        "cards": product_cards(),
        "pager": c.Pager.of(2, 12, lambda n: f"?trang={n}", "Đang xem 25–48 trong 280 sản phẩm"),
        "search_query": "xoai cat",
    }


def _empty_list() -> dict:
    return {
        "title": "xyz",
        "facets": None,
        "cards": [],
        "empty": c.EmptyState(
            "Chưa có món nào như vậy",
            "Thử từ ngắn hơn, hay bỏ bớt điều kiện lọc.",
            (c.Link("Xem tất cả sản phẩm", "#"),),
        ),
    }


def _product(**changes) -> dict:
    values = {
        "name": "Xoài cát Hòa Lộc Cao Lãnh",
        "summary": "Thùng 3 kg, 6–8 trái",
        "breadcrumbs": _crumbs(),
        "pictures": [
            drawing(alt="Hai trái xoài cát", caption="Hái buổi sáng", loading="eager"),
            drawing("hero.svg", "Bến sông", width=1280, height=596),
        ],
        "price": c.PricePanel("285.000 ₫", "330.000 ₫", "95.000 ₫/kg", "giảm 14%", "30/11/2026"),
        "variants": c.VariantPicker(
            (
                c.Variant("1", "3 kg, 6–8 trái", "#3", "285.000 ₫", True),
                c.Variant("2", "5 kg", "#5", "460.000 ₫"),
            )
        ),
        "stock": c.StockWord("few", "Chỉ còn 4 thùng"),
        "buy": _Buy(),
        "stick_price": "285.000 ₫, trả khi nhận",
        "delivery": delivery(),
        "promises": [
            ("cash", "Trả tiền khi nhận", "Được mở thùng xem trước."),
            ("shield", "Trái hư, đổi trong 48 giờ", "Chụp hình gửi Zalo, không cần trả hàng."),
        ],
        "season": c.SeasonBar((3, 4, 5, 6), (11, 12), "Chính vụ tháng 3–6, rải vụ tháng 11–12."),
        "label": label(),
        "description": mark_safe("<p>Trái bao giấy từ lúc bằng ngón tay cái.</p>"),
        "producer": producer(),
        "related": product_cards()[:4],
    }
    return {**values, **changes}


def _checkout(**changes) -> dict:
    values = {
        "code_box": c.CodeBox(code="SEN50", words="bớt 50.000 ₫"),
        "groups": basket_groups(changeable=False),
        "summary": summary(),
        "total": "711.000 ₫",
        "parcels_words": "Ba kiện, ba vườn",
        "back_url": "#back",
    }
    return {**values, **changes}


def _order() -> dict:
    return {
        "number": "DS7K4M2",
        "placed": "24/11/2026 08:15",
        "state_word": "Đang giao",
        "parcels": [
            c.Parcel(
                title="Kiện 1",
                producer_name="Vườn Út Lành",
                state_word="Đang gói",
                state_kind="i",
                promise="Hẹn thứ tư 25/11",
                lines=basket_groups(changeable=False)[0].lines[:1],
                fee="32.000 ₫",
                stops=river(),
                phone="+84912345678",
                cancel_action="#cancel",
            ),
            c.Parcel(
                title="Kiện 2", producer_name="Lò bột Ba Hạnh", state_word="Đã hủy", state_kind="e"
            ),
        ],
        "summary": summary(),
        "address": ["Nguyễn Thị Hồng Đào", "27/4 hẻm 12", "P. Ninh Kiều, TP. Cần Thơ"],
        "payment_words": "Trả 711.000 ₫ khi nhận hàng",
        "cancel_url": "#cancel",
        "help_phone": "+8419000000",
        "help_phone_shown": "1900 0000",
    }


PAGES: dict[str, tuple[str, Callable[[], dict]]] = {
    "danh-sach": ("shop/product_list.html", _list),
    "danh-sach-trong": ("shop/product_list.html", _empty_list),
    "san-pham": ("shop/product_detail.html", _product),
    "san-pham-ruou": (
        "shop/product_detail.html",
        lambda: _product(buy=_AgedBuy(), name="Rượu sen Tháp Mười", pictures=[drawing()]),
    ),
    "san-pham-het": (
        "shop/product_detail.html",
        lambda: _product(
            buy=None,
            why_not="Vườn nghỉ tới 05/12, lúc đó đặt lại được.",
            stock=c.StockWord("paused", "Vườn nghỉ tới 05/12"),
            pictures=[],
            delivery=delivery(
                refusal="Trái tươi chỉ để được 3 ngày, đi Hà Nội mất 4 ngày.",
                province_name="Hà Nội",
                province_code="01",
            ),
        ),
    ),
    "nha-vuon": (
        "shop/producer_list.html",
        lambda: {"title": "Nhà vườn", "intro": "Ai làm, làm ở đâu.", "cards": producer_cards()},
    ),
    "mot-vuon": (
        "shop/producer_detail.html",
        lambda: {
            "name": "Vườn Út Lành",
            "kind": "Hộ gia đình",
            "commune_name": "P. Cao Lãnh",
            "picture": drawing(alt="Vườn xoài"),
            "verified": "Đã kiểm tra giấy tờ ngày 02/10/2026",
            "paused": "Nghỉ từ 01/12 tới 05/12",
            "intro": "Một hecta hai xoài, trồng từ 1998.",
            "phone": "+84912345678",
            "phone_shown": "0912 345 678",
            "facts": label(),
            "story": mark_safe("<p>Ông nội đem giống về năm 1975.</p>"),
            "cards": product_cards(),
            "stories": story_cards(),
        },
    ),
    "gio-hang": (
        "basket/basket.html",
        lambda: {
            "steps": steps(0),
            "groups": basket_groups(),
            "delivery": delivery(promise="", fee="", landed_price=""),
            "summary": summary(),
            "code_box": c.CodeBox(
                "#code", typed="SEN 05", error="Không có mã này. Bạn xem lại giúp nhé."
            ),
            "changes": ["Xoài cát Hòa Lộc nay là 285.000 ₫, lúc bỏ vào giỏ là 300.000 ₫."],
            "checkout_url": "#checkout",
            "continue_url": "#shop",
        },
    ),
    "gio-trong": (
        "basket/basket.html",
        lambda: {
            "groups": [],
            "empty": c.EmptyState(
                "Giỏ còn trống", "Xem thử mùa này có gì.", (c.Link("Vào chợ", "#shop"),)
            ),
        },
    ),
    "giao-den-dau": (
        "checkout/where.html",
        lambda: _checkout(
            heading="Giao đến đâu",
            needs_delivery=True,
            steps=steps(1),
            form=form(with_errors=True),
            commune_url="/x/",
        ),
    ),
    "tra-tien": (
        "checkout/pay.html",
        lambda: _checkout(
            steps=steps(2),
            form=_pay_form(),
            payment_notes={"cod": "Mở thùng xem rồi trả tiền cho người giao"},
            payment_icons={"cod": "cash", "vietqr": "bank"},
            changes=["Phí giao kiện 2 nay là 25.000 ₫."],
            address=["Nguyễn Thị Hồng Đào", "0912 345 678", "27/4 hẻm 12", "P. Ninh Kiều, Cần Thơ"],
            address_url="#where",
            button="Đặt hàng, trả 711.000 ₫ khi nhận",
        ),
    ),
    "cam-on": (
        "checkout/thank_you.html",
        lambda: {
            **_order(),
            "track_url": "#track",
            "next_stops": river(),
            "signup_url": "#signup",
            "call_first": True,
            "phone_shown": "0912 345 678",
        },
    ),
    "tra-don": ("orders/track_form.html", lambda: {"form": form()}),
    "don-hang": ("orders/track.html", _order),
    "ban-lam-viec": (
        "portal/home.html",
        lambda: {
            "producer_name": "Vườn Út Lành",
            "title": "Chào chị Lành, 2 việc",
            "intro": "Thứ hai 23/11, 13 giờ 20. Việc gấp nằm trên cùng.",
            "side": [
                c.MenuItem("Hôm nay", "#", "home", is_current=True),
                c.MenuItem("Kiện hàng", "#", "box"),
                c.MenuItem("Hàng bán", "#", "leaf"),
            ],
            "bar": [c.MenuItem("Hôm nay", "#", "home", is_current=True)],
            "help_phone": "+8419000000",
            "tasks": list(_section("TaskCard")[:2]),
            "later": list(_section("TaskCard")[2:]),
            "stats": [("17", "kiện tháng này"), ("4.862.000 ₫", "tiền sắp về")],
        },
    ),
    "trang-chu": ("cms/home_page.html", home),
    "chuyen": ("cms/story_page.html", story),
    "chuyen-lang": (
        "cms/story_index_page.html",
        lambda: {"title": "Chuyện làng", "intro": "Người và việc.", "cards": story_cards()},
    ),
    "quy-che": (
        "cms/legal_page.html",
        lambda: {
            "title": "Quy chế hoạt động",
            "updated": "01/11/2026",
            "text": mark_safe("<h2>1. Ai điều hành</h2><p>Đơn vị mẫu.</p><ul><li>Một</li></ul>"),
        },
    ),
    "don-cua-toi": (
        "account/orders.html",
        lambda: {
            "account_menu": [
                c.MenuItem("Đơn của tôi", "#", "box", is_current=True),
                c.MenuItem("Mật khẩu", "#", "key"),
            ],
            "orders": [("DS7K4M2", "#", "24/11/2026", "711.000 ₫", "Đang giao")],
        },
    ),
    "thu": (
        "demo/mail_list.html",
        lambda: {"mails": [("#", "Đã nhận đơn DS7K4M2", "dao@example.test", "24/11 08:15")]},
    ),
    "mot-thu": (
        "demo/mail_detail.html",
        lambda: {
            "subject": "Đã nhận đơn DS7K4M2",
            "to": "dao@example.test",
            "at": "24/11 08:15",
            "from_address": "dat-sen@example.test",
            "text": "Chào chị Đào,\n\nĐã nhận đơn.",
            "back_url": "#",
        },
    ),
    "403": ("403.html", dict),
    "404": ("404.html", dict),
    "500": ("500.html", dict),
    "503": ("503.html", dict),
    "khung-thu": (
        "mail/base.html",
        lambda: {
            "button_url": "https://example.test",
            "button_label": "Xem đơn",
            "phone_shown": "1900 0000",
            "operator_lines": ["Đơn vị vận hành mẫu"],
        },
    ),
}


class _PayForm(forms.Form):
    payment = SampleForm.base_fields["payment"]
    terms = SampleForm.base_fields["terms"]


def _pay_form() -> _PayForm:
    bound = _PayForm({"payment": "cod"})
    bound.is_valid()
    return bound


def _section(name: str) -> list[c.Part]:
    return next(parts for title, _, parts, _ in sections() if title == name)


def page(name: str) -> tuple[str, dict]:
    """(template, context) of one sample page; KeyError for an unknown name."""
    template, context = PAGES[name]
    return template, context()
