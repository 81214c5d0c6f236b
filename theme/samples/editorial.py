"""Home page and story as an editor would arrange them, with invented words."""

from __future__ import annotations

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from theme import components as c
from theme.samples.parts import category_tiles, drawing, hero, live, product_cards, story_cards


class _Block:
    """A block of an editor's page, rendered as Wagtail's own would be."""

    def __init__(self, name: str, /, **context) -> None:
        self.template = f"cms/blocks/{name}.html"
        self.context = context

    def render_as_block(self, context: dict | None = None) -> SafeString:
        return render_to_string(self.template, {**(context or {}), **self.context})


class _Page:
    def __init__(self, title: str, *body: _Block) -> None:
        self.title = title
        self.body = body


def home() -> dict:
    scene = drawing("hero.svg", "Bến sông", width=1280, height=596)
    body = (
        _Block("hero", hero=hero()),
        _Block(
            "promises",
            items=[
                ("shield", "Biết rõ ai làm, làm ở đâu"),
                ("leaf", "Hái và gói trong tuần"),
                ("cash", "Xem hàng rồi mới trả tiền"),
                ("truck", "Trái hư đổi mới trong 48 giờ"),
            ],
        ),
        _Block("categories", tiles=category_tiles()),
        _Block(
            "picks",
            title="Đang vào mùa",
            intro="Hái và đóng gói trong tuần, giao cả nước",
            cards=product_cards()[:4],
            more=c.Link("Xem tất cả", "#all"),
        ),
        _Block(
            "teaser",
            title="Cây xoài nhà tôi",
            text="Một cây xoài ở Cao Lãnh đứng tên bạn trọn năm.",
            picture=scene,
            link=c.Link("Đọc chuyện vườn", "#story"),
        ),
        _Block(
            "stories",
            title="Về vườn, nghe chuyện",
            cards=story_cards(),
            more=c.Link("Tất cả bài viết", "#stories"),
        ),
    )
    return {"page": _Page("Trang chủ", *body)}


def story() -> dict:
    text = "<p>Ba giờ sáng, xóm kinh Tư Mới còn tối mịt. Chỉ nhà cô Ba Sương sáng đèn.</p>" * 3
    body = (
        _Block("text", text=mark_safe(text)),
        _Block("heading", text="Tim nhỏ, công lớn"),
        _Block("text", text=mark_safe(text)),
        _Block("picture", picture=drawing("hero.svg", "Bến sông", width=1280, height=596)),
        _Block("live_product", product=live()),
        _Block("quote", quote="“Sen không chờ mình.”", name="Cô Ba Sương, xã Mỹ Quí"),
        _Block("live_product", product=live(gone_reason="vườn nghỉ tới 05/12.")),
        _Block("tip", tip=c.Tip("Bài này không nói trà chữa bệnh", "Xin hỏi bác sĩ trước.")),
        _Block("sources", sources=[("42 ký hạt cho 1 ký trà", "sổ sản xuất", "#so")]),
    )
    return {
        "page": _Page("Một ngày tách tim sen ở Tháp Mười", *body),
        "kicker": "Người làm ra sản phẩm",
        "intro": "Mỗi ký trà cần hơn bốn chục ký hạt, và đôi tay dậy từ ba giờ sáng.",
        "byline": "Bài và hình: Lê Trúc Mai · 20/11/2026 · đọc 6 phút",
        "picture": drawing("hero.svg", "Bến sông", width=1280, height=596, loading="eager"),
        "people": [("Cô Ba Sương", "Tách tim sen 44 năm", drawing())],
        "related": story_cards(),
    }
