"""Papers: the house's letters are inside, the same data give the same bytes."""

import re

from marketplace.platform import typesetting

LETTER = {
    "title": "Thư mời vào bàn làm việc",
    "greeting": "Kính gửi hộ #strong[Sáu] \\ $x$ \"Thảnh\":",
    "intro": "Đây là thư.",
    "sign_in_title": "Cách làm",
    "steps": ["Mở trang.", "Gõ số."],
    "code_label": "Mã",
    "code": "ABCD-2345",
    "phone_label": "Số điện thoại",
    "phone": "0912 345 678",
    "site_label": "Trang",
    "site": "https://shop.example/tai-khoan/thu-moi/",
    "valid": "Mã dùng được đến hết ngày 05/12/2026.",
    "call": "Cần giúp, gọi 0277 3 123 456.",
    "secret": "Đừng đưa mã cho ai.",
    "sender": "Sàn OCOP Đồng Tháp",
    "day": "28/11/2026",
    "qr": '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><path d="M0 0h9z"/></svg>',
}


def test_the_letters_of_the_house_are_embedded_and_no_others():
    paper = typesetting.pdf("letter", LETTER)
    assert paper.startswith(b"%PDF-")
    fonts = set(re.findall(rb"/BaseFont\s*/[A-Z]{6}\+([\w-]+)", paper))
    assert fonts
    assert all(font.startswith(b"BeVietnamPro") for font in fonts)
    assert len(re.findall(rb"/Type\s*/Page\b", paper)) == 1


def test_the_same_data_are_the_same_bytes():
    assert typesetting.pdf("letter", LETTER) == typesetting.pdf("letter", LETTER)
