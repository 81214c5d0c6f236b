"""The sections of the sample page: every component in every state."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.safestring import mark_safe

from theme import components as c
from theme.samples.forms import form
from theme.samples.parts import (
    basket_groups,
    category_tiles,
    delivery,
    filters,
    hero,
    label,
    live,
    producer,
    producer_cards,
    product_cards,
    river,
    steps,
    story_cards,
    summary,
)


def sections() -> list[tuple[str, str, list[c.Part], str]]:
    """(name, wrapper class, parts, tag) of the sample page; wrapper "" stands for a plain box."""
    task = {"title": "Kiện DS7K4M2-1, Cần Thơ", "lines": ("1 thùng xoài cát Hòa Lộc 3 kg",)}
    make: list[tuple[str, str, Callable[[], list[c.Part]], str]] = [
        ("Hero", "", lambda: [hero()], "div"),
        ("CategoryTile", "cats", lambda: category_tiles(), "ul"),
        ("ProductCard", "pgrid", lambda: list(product_cards()), "ul"),
        ("StoryCard", "sgrid", lambda: list(story_cards()), "ul"),
        ("ProducerCard", "ggrid", lambda: list(producer_cards()), "ul"),
        (
            "LiveProduct",
            "col",
            lambda: [
                live(),
                live(gone_reason="vườn nghỉ tới 05/12.", instead=c.Link("Xem món thay", "#other")),
            ],
            "div",
        ),
        (
            "PricePanel",
            "",
            lambda: [
                c.PricePanel("285.000 ₫", unit_price="95.000 ₫/kg"),
                c.PricePanel("285.000 ₫", "330.000 ₫", "95.000 ₫/kg", "giảm 14%", "30/11/2026"),
                c.PricePanel("285.000 ₫", price_from=True),
            ],
            "div",
        ),
        (
            "VariantPicker",
            "",
            lambda: [
                c.VariantPicker(
                    (
                        c.Variant("1", "3 kg, 6–8 trái", "#3", "285.000 ₫", True),
                        c.Variant("2", "5 kg", "#5", "460.000 ₫"),
                        c.Variant("3", "10 kg", "#10", "890.000 ₫", is_sold_out=True),
                    )
                ),
                c.VariantPicker(
                    (
                        c.Variant("1", "500 g", is_current=True),
                        c.Variant("2", "1 kg", is_sold_out=True, price="90.000 ₫"),
                    ),
                    name="sample_variant",
                ),
            ],
            "div",
        ),
        (
            "StockWord",
            "",
            lambda: [
                c.StockWord("in", "Còn hàng"),
                c.StockWord("few", "Chỉ còn 4 thùng", "Hái lại thứ sáu"),
                c.StockWord("out", "Tạm hết"),
                c.StockWord("paused", "Vườn nghỉ tới 05/12"),
                c.StockWord("preseason", "Giao từ 10/03"),
            ],
            "div",
        ),
        (
            "DeliveryPromise",
            "",
            lambda: [
                delivery(),
            ],
            "div",
        ),
        (
            "SeasonBar",
            "",
            lambda: [
                c.SeasonBar((3, 4, 5, 6), (11, 12), "Chính vụ tháng 3–6, rải vụ tháng 11–12.")
            ],
            "div",
        ),
        ("LabelFacts", "", lambda: [label()], "div"),
        ("ProducerPanel", "", lambda: [producer(paused="Nghỉ tới 05/12")], "div"),
        (
            "FilterPanel, ActiveFilters, SortForm, Pager",
            "",
            lambda: [
                filters(),
                c.ActiveFilters(
                    (c.ActiveFilter("P. Mỹ Tho", "#a"), c.ActiveFilter("Hợp tác xã", "#b")), "#none"
                ),
                c.SortForm("#", (("", "Hợp nhất"), ("gia", "Giá thấp trước")), "gia"),
                c.Pager.of(5, 12, lambda n: f"?trang={n}", "Đang xem 97–120 trong 280 sản phẩm"),
            ],
            "div",
        ),
        ("Steps", "", lambda: [steps()], "div"),
        ("BasketGroup, BasketLine, SummaryBox", "", lambda: [*basket_groups(), summary()], "div"),
        ("RiverLine", "", lambda: [river()], "div"),
        (
            "Parcel",
            "",
            lambda: [
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
                    facts=[("Bên vận chuyển", "Viettel Post"), ("Mã vận đơn", "VTP99")],
                    report_url="#report",
                )
            ],
            "div",
        ),
        (
            "MissingQuestion",
            "",
            lambda: [
                c.MissingQuestion(
                    title="Thiếu hàng: anh/chị muốn thế nào?",
                    text="Giông đêm qua làm rụng một phần trái.",
                    lines=["Thiếu 2 × Xoài cát Hòa Lộc, thùng 3 kg"],
                    action="#answer",
                    choices=[
                        ("wait", "Chờ đủ hàng", "Đủ hàng, tới nơi chậm nhất thứ hai 30/11."),
                        ("money_back", "Hoàn tiền phần thiếu", "Phần còn lại vẫn gửi."),
                    ],
                    until="Vui lòng trả lời trước 25/11/2026 08:15.",
                )
            ],
            "div",
        ),
        (
            "TaskCard",
            "tk",
            lambda: [
                c.TaskCard(
                    deadline="Nhận trước 16 giờ",
                    button="Nhận và gói",
                    action="#c",
                    urgent=True,
                    **task,
                ),
                c.TaskCard(
                    text="Có thiệp",
                    icon="gift",
                    tint="sen",
                    button="Nhận và gói",
                    action="#c",
                    other_label="Không kịp",
                    other_url="#no",
                    **task,
                ),
                c.TaskCard(state_word="Chờ xe lấy", icon="truck", **task),
            ],
            "ul",
        ),
        (
            "Message, Tip, Fold, EmptyState",
            "",
            lambda: [
                c.Message("Đã bỏ vào giỏ.", "success"),
                c.Message("Đơn được giữ 24 giờ.", "info"),
                c.Message("Chỉ còn 4 thùng, đã sửa số lượng.", "warning"),
                c.Message("Chưa lưu được, thử lại giúp.", "error", "Chưa xong"),
                c.Tip("Bài này không nói trà chữa bệnh", "Người đang uống thuốc xin hỏi bác sĩ."),
                c.Tip(
                    "Trái hư, đổi trong 48 giờ", "Chụp hình gửi Zalo.", "k", "#more", "Xem cách đổi"
                ),
                c.Fold(
                    "Lỡ chuyển thiếu?",
                    mark_safe("<p>Cứ để nguyên, người trực sẽ gọi lại.</p>"),
                    "cash",
                ),
                c.EmptyState(
                    "Giỏ còn trống", "Xem thử mùa này có gì.", (c.Link("Vào chợ", "#shop"),)
                ),
            ],
            "div",
        ),
        ("Field, ErrorSummary", "half", lambda: fields(), "div"),
    ]
    return [(name, css, parts(), tag) for name, css, parts, tag in make]


def fields() -> list[c.Part]:
    ok, bad = form(), form(with_errors=True)
    parts: list[c.Part] = [c.ErrorSummary.of(bad)]
    for bound_form in (ok, bad):
        parts += [
            c.Field(bound_form["phone"]),
            c.Field(bound_form["province"]),
            c.Field(bound_form["note"]),
            c.Field(bound_form["commune_choice"], look="opts"),
            c.Field(
                bound_form["payment"],
                look="picks",
                notes={"cod": "Mở thùng xem rồi trả tiền cho người giao"},
                icons={"cod": "cash", "vietqr": "bank"},
            ),
            c.Field(bound_form["topics"]),
            c.Field(bound_form["terms"]),
        ]
    return parts
