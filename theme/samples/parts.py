"""Every component in every state, with invented values, for the sample page and its test.

People, firms, prices and numbers are invented; communes are real.
"""

from __future__ import annotations

from django.contrib.staticfiles.storage import staticfiles_storage

from theme import components as c
from theme.chrome import Chrome


def drawing(name: str = "missing.svg", alt: str = "", **options) -> c.Picture:
    """A picture that always exists: one of the theme's own files."""
    values = {"width": 400, "height": 400, "is_drawing": True, **options}
    return c.Picture(src=staticfiles_storage.url(f"theme/{name}"), alt=alt, **values)


def chrome() -> Chrome:
    return Chrome(
        tagline="OCOP Đồng Tháp",
        home_url="/mau/",
        search_url="/tim-kiem/",
        basket_url="/gio-hang/",
        account_url="/tai-khoan/",
        menu=(
            c.MenuItem("Trái cây", "#trai-cay", is_current=True),
            c.MenuItem("Sen và trà", "#sen"),
            c.MenuItem("Gạo và bột", "#gao"),
            c.MenuItem("Khô và mắm", "#kho"),
            c.MenuItem("Quà biếu", "#qua", hot=True),
            c.MenuItem("Nhà vườn", "#nha-vuon"),
            c.MenuItem("Chuyện làng", "#chuyen"),
        ),
        tabs=(
            c.MenuItem("Trang chủ", "#home", icon="home", is_current=True),
            c.MenuItem("Sản phẩm", "#goods", icon="grid"),
            c.MenuItem("Chuyện làng", "#stories", icon="book"),
            c.MenuItem("Đơn hàng", "#orders", icon="box"),
            c.MenuItem("Tôi", "#me", icon="user"),
        ),
        strip_text="Biết ai trồng, trồng ở đâu",
        strip_links=(c.Link("Dành cho nhà vườn", "#growers"),),
        language_links=(("vi", "VI", "#vi", True), ("en", "EN", "#en", False)),
        footer_columns=(
            (
                "Mua hàng",
                (
                    c.Link("Giao hàng và phí", "#delivery"),
                    c.Link("Đổi trả hàng tươi", "#returns"),
                    c.Link("Tra đơn bằng số điện thoại", "#track"),
                ),
            ),
            ("Nhà vườn", (c.Link("Vào bàn làm việc", "#desk"),)),
            (
                "Hỗ trợ",
                (
                    c.Link("Gọi 1900 0000", "#call"),
                    c.Link("Quyền riêng tư", "#privacy"),
                    c.Link("Khiếu nại", "#complaints"),
                ),
            ),
        ),
        about="Sàn bán sản phẩm OCOP tỉnh Đồng Tháp: món nào cũng ghi rõ ai làm, ở đâu.",
        legal_lines=("Đơn vị vận hành mẫu, P. Cao Lãnh, tỉnh Đồng Tháp.",),
        phone="+8419000000",
        phone_shown="1900 0000",
        phone_hours="7–21 giờ, cần là gọi",
    )


def product_cards() -> list[c.ProductCard]:
    common = {"url": "#product", "producer_name": "Vườn Út Lành", "commune_name": "P. Cao Lãnh"}
    return [
        c.ProductCard(
            name="Xoài cát Hòa Lộc, thùng 3 kg",
            price="285.000 ₫",
            old_price="330.000 ₫",
            unit_price="95.000 ₫/kg",
            picture=drawing(),
            season_chip="Đang mùa",
            tint="xoai",
            **common,
        ),
        c.ProductCard(
            name="Trà tim sen ướp hoa",
            price="120.000 ₫",
            price_from=True,
            stock_state="few",
            stock_word="Chỉ còn 4 hộp",
            tint="sen",
            picture=drawing(),
            **common,
        ),
        c.ProductCard(
            name="Xoài cát Hòa Lộc chính vụ, thùng biếu 5 kg, chọn từng trái",
            price="475.000 ₫",
            unit_price="95.000 ₫/kg",
            stock_state="preseason",
            stock_word="Chưa tới mùa",
            season_chip="Giao từ 10/03",
            tint="ma",
            **common,
        ),
        c.ProductCard(
            name="Khô cá lóc một nắng, 500 g",
            price="175.000 ₫",
            stock_state="out",
            stock_word="Tạm hết",
            tint="phusa",
            picture=drawing(),
            **common,
        ),
        c.ProductCard(
            name="Giỏ lục bình đan tay",
            price="210.000 ₫",
            stock_state="paused",
            stock_word="Vườn nghỉ tới 05/12",
            tint="nuoc",
            picture=drawing(),
            **common,
        ),
    ]


def basket_groups(*, changeable: bool = True) -> list[c.BasketGroup]:
    action = "#line" if changeable else ""
    return [
        c.BasketGroup(
            label="Kiện 1",
            producer_name="Vườn Út Lành",
            commune_name="P. Cao Lãnh",
            producer_url="#grower",
            promise="Thứ tư 25/11",
            promise_note="xe mát 13 °C",
            fee="32.000 ₫",
            chilled=True,
            free_hint="Mua thêm 215.000 ₫ ở vườn này là khỏi trả phí giao.",
            lines=(
                c.BasketLine(
                    name="Xoài cát Hòa Lộc",
                    variant="Thùng 3 kg",
                    unit_price="285.000 ₫/thùng",
                    total="570.000 ₫",
                    quantity=2,
                    quantity_word="" if changeable else "2 thùng",
                    url="#product",
                    picture=drawing(),
                    tint="xoai",
                    line_id="1",
                    action=action,
                    off="Mã SEN50 −50.000 ₫",
                ),
                c.BasketLine(
                    name="Hộp quà xoài và trà tim sen",
                    total="365.000 ₫",
                    old_total="400.000 ₫",
                    line_id="2",
                    action=action,
                    max_quantity=1,
                    notice="Giá đã đổi từ 350.000 ₫ khi bạn bỏ vào giỏ.",
                    typed="1,5" if changeable else "",
                    error="Số lượng phải là số nguyên, ví dụ 1 hoặc 2." if changeable else "",
                ),
            ),
            subtotal="967.000 ₫",
        ),
        c.BasketGroup(
            label="Kiện 2",
            producer_name="Lò bột Ba Hạnh",
            commune_name="P. Sa Đéc",
            no_province="Chọn tỉnh để biết ngày giao và phí.",
            lines=(
                c.BasketLine(
                    name="Hủ tiếu Sa Đéc sợi tươi",
                    variant="Gói 500 g",
                    total="114.000 ₫",
                    quantity=3,
                    line_id="3",
                    action=action,
                    refusal="Sợi tươi chỉ để được 2 ngày, đi Hà Nội mất 4 ngày.",
                    picture=drawing(),
                    tint="nuoc",
                ),
            ),
        ),
    ]


def summary() -> c.SummaryBox:
    return c.SummaryBox(
        rows=(
            c.SummaryRow("Tiền hàng, 6 món", "639.000 ₫"),
            c.SummaryRow("Phí giao 3 kiện", "72.000 ₫"),
            c.SummaryRow("Thuế", "đã gồm"),
        ),
        total="711.000 ₫",
        note="Số này không tăng ở bước sau.",
    )


def steps(now: int = 1) -> c.Steps:
    labels = ("Giỏ hàng", "Giao đến đâu", "Trả tiền")
    return c.Steps(
        tuple(
            c.StepsItem(
                label,
                "done" if at < now else "now" if at == now else "todo",
                "#back" if at < now else "",
            )
            for at, label in enumerate(labels)
        )
    )


def river() -> c.RiverLine:
    return c.RiverLine(
        (
            c.RiverStop("Đã đặt", "Vườn đã được báo", at="24/11, 08:15", at_iso="2026-11-24T08:15"),
            c.RiverStop("Vườn đã nhận", "Đang gói", "now", "24/11, 09:02", "2026-11-24T09:02"),
            c.RiverStop("Bỏ qua chặng kho", "Xe lấy tại vườn", "miss"),
            c.RiverStop("Giao cho đơn vị vận chuyển", state="todo"),
            c.RiverStop("Người nhận từ chối", "Hàng quay về vườn", "halt"),
        ),
        label="Kiện đi tới đâu",
    )


def delivery(**changes) -> c.DeliveryPromise:
    values = {
        "promise": "Thứ tư 25/11",
        "fee": "32.000 ₫",
        "note": "khỏi trả phí từ 500.000 ₫",
        "landed_price": "105.700 ₫/kg",
        "province_name": "TP. Cần Thơ",
        "province_code": "92",
        "province_choices": (("82", "Đồng Tháp"), ("92", "TP. Cần Thơ"), ("01", "Hà Nội")),
        "action": "#",
    }
    return c.DeliveryPromise(**{**values, **changes})


def filters() -> c.FilterPanel:
    communes = ["P. Cao Lãnh", "X. An Hữu", "P. Mỹ Ngãi", "X. Thanh Hưng", "X. Mỹ Thọ"]
    communes += ["P. Sa Đéc", "X. Lai Vung", "X. Tháp Mười", "X. Tràm Chim", "P. Mỹ Tho"]
    return c.FilterPanel(
        action="#",
        hidden=(("q", "xoài"),),
        chosen_count=2,
        button="Xem 24 sản phẩm",
        groups=(
            c.FacetGroup(
                "xa",
                "Xã, phường",
                tuple(
                    c.FacetOption(str(at), name, 9 - at, at == 9)
                    for at, name in enumerate(communes)
                ),
            ),
            c.FacetGroup(
                "loai",
                "Người bán",
                (
                    c.FacetOption("hop-tac-xa", "Hợp tác xã", 8, True),
                    c.FacetOption("ho", "Hộ gia đình", 10),
                ),
                single=True,
            ),
            c.PriceRange("Giá", from_value="abc", error="Giá phải là số, ví dụ 100000."),
        ),
    )


def producer(**changes) -> c.ProducerPanel:
    values = {
        "name": "Vườn Út Lành",
        "url": "#grower",
        "kind": "Hộ gia đình",
        "address": "P. Cao Lãnh, Đồng Tháp",
        "intro": "Một hecta hai xoài, trồng từ 1998.",
        "quote": "Hái xong là phải mát, phải nhẹ tay, xoài mới thơm tới cửa nhà khách.",
        "picture": drawing(alt="Chân dung nhà vườn"),
        "phone": "+84912345678",
        "phone_shown": "0912 345 678",
        "zalo_url": "https://zalo.me/0912345678",
        "verified": "Đã kiểm tra giấy tờ ngày 02/10/2026",
    }
    return c.ProducerPanel(**{**values, **changes})


def live(**changes) -> c.LiveProduct:
    values = {
        "name": "Trà tim sen ướp hoa, hộp 100 g",
        "url": "#product",
        "price": "120.000 ₫",
        "producer_name": "Cơ sở Hương Sen",
        "commune_name": "X. Mỹ Quí",
        "stock_word": "còn 64 hộp",
        "as_of": "giá lúc 14:20 hôm nay",
        "basket_action": "#add",
        "product_id": "7",
        "picture": drawing(),
        "tint": "sen",
    }
    return c.LiveProduct(**{**values, **changes})


def label() -> c.LabelFacts:
    return c.LabelFacts(
        facts=(
            c.LabelFact("Thành phần", "Tim sen 90%, hoa sen 10%"),
            c.LabelFact("Khối lượng tịnh", "100 g"),
            c.LabelFact("Hạn dùng", "12 tháng kể từ ngày sản xuất"),
            c.LabelFact("Bảo quản", "Nơi khô, mát", "Đậy kín sau khi mở"),
            c.LabelFact("Chịu trách nhiệm", "Cơ sở Hương Sen, X. Mỹ Quí, Đồng Tháp"),
        ),
        warning="Phụ nữ có thai hỏi bác sĩ trước khi dùng.",
    )


def hero() -> c.Hero:
    return c.Hero(
        title="Sản vật Đất Sen,",
        accent="rõ nguồn từng trái",
        text="Xoài, sen, gạo, khô của Đồng Tháp. Món nào cũng biết ai làm, làm ở đâu.",
        primary=c.Link("Mua sản vật", "#shop"),
        secondary=c.Link("Nghe chuyện làng", "#stories"),
    )


def category_tiles() -> list[c.Part]:
    rows = [("Trái cây", "xoai"), ("Sen", "la"), ("Trà, đồ uống", "sen"), ("Gạo, bột", "ma")]
    rows += [("Khô, mắm", "phusa"), ("Hủ tiếu, nem", "nuoc"), ("Hoa Sa Đéc", "sen")]
    return [c.CategoryTile(name, "#category", tint=tint) for name, tint in rows] + [
        c.CategoryTile("Đan, dệt", "#category", drawing(), count="12 món")
    ]


def story_cards() -> list[c.StoryCard]:
    scene = drawing("hero.svg", width=1280, height=596)
    return [
        c.StoryCard(
            "Một ngày tách tim sen", "#s", "Người làm ra sản phẩm", "Dậy từ ba giờ.", scene
        ),
        c.StoryCard("Về vườn xoài Mỹ Xương", "#t", "Nửa ngày", "", scene, "trip", ("Tháng 3–6",)),
        c.StoryCard("Làng hoa Sa Đéc", "#u", "Chuyện làng", "Vì sao hoa đứng trên giàn."),
    ]


def producer_cards() -> list[c.ProducerCard]:
    return [
        c.ProducerCard(
            "Vườn Út Lành", "#g", "Hộ gia đình", "P. Cao Lãnh", "Xoài từ 1998.", drawing(), "6 món"
        ),
        c.ProducerCard("HTX Cồn Xoài", "#h", "Hợp tác xã", "P. Mỹ Ngãi", paused="Nghỉ tới 05/12"),
    ]
