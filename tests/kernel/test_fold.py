import random
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.kernel.fold import clean_text, fold, slugify, sort_key, tokens


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Xoài cát Hòa Lộc", "xoai cat hoa loc"),
        ("Hoà Lộc", "hoa loc"),
        ("ĐỒNG THÁP", "dong thap"),
        ("đặc khu Phú Quốc", "dac khu phu quoc"),
        (unicodedata.normalize("NFD", "Bưởi Năm Roi"), "buoi nam roi"),
        ("０９１２ ３４５ ６７８", "0912 345 678"),
        ("  nem\u00a0Lai \t Vung\n", "nem lai vung"),
        ("bột\u200bgạo", "botgao"),
        ("ﬁne ½", "fine 1⁄2"),
        ("", ""),
    ],
)
def test_fold(text, folded):
    assert fold(text) == folded


@given(st.text())
def test_folding_twice_changes_nothing_and_forms_of_unicode_do_not_matter(text):
    assert fold(unicodedata.normalize("NFC", text)) == fold(unicodedata.normalize("NFD", text))


@given(st.text(alphabet="aăâbcdđeêghiklmnoôơpqrstuưvxyÀÁẢÃẠẰẮẲẴẶĐĨỌỘỜ 019-"))
def test_folded_vietnamese_is_ascii_and_stays_as_it_is(text):
    assert fold(text).isascii()
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("Đặc sản Đồng Tháp", "dac-san-dong-thap"),
        ("  Hủ tiếu (Sa Đéc), 500 g!", "hu-tieu-sa-dec-500-g"),
        ("C++ & Café", "c-cafe"),
        ("Straße 北京", "strasse-beijing"),
        ("!!!", ""),
    ],
)
def test_slugify(text, slug):
    assert slugify(text) == slug
    assert slugify(text, allow_unicode=True) == slug


def test_oscar_makes_slugs_with_it():
    from oscar.core.utils import slugify as oscar_slugify

    assert oscar_slugify("Đồng Tháp") == "dong-thap"


def test_tokens():
    assert tokens("Gạo ST-25, túi 5kg (mới)") == ["gao", "st", "25", "tui", "5kg", "moi"]


DICTIONARY = [
    "1 lít",
    "2 lít",
    "10 lít",
    "a",
    "an",
    "an toàn",
    "án",
    "ăn",
    "âm",
    "ba",
    "ba ba",
    "ba gác",
    "bà",
    "bà con",
    "bả",
    "bã",
    "bá",
    "bạ",
    "bác",
    "cam",
    "Cao Lãnh",
    "cơm",
    "dưa",
    "dừa",
    "đa",
    "Đồng Tháp",
    "em",
    "ếch",
    "fa",
    "ga",
    "khoai",
    "lan",
    "mận",
    "mì",
    "Mỹ An",
    "Mỹ Thọ",
    "Mỹ Trà",
    "na",
    "ong",
    "ổi",
    "ớt",
    "quýt",
    "sen",
    "sơn",
    "Tam Nông",
    "tu",
    "tư",
    "ức",
    "vú sữa",
    "wolfram",
    "xoài",
    "yến",
    "zê-rô",
    "北京",
]


def test_the_keys_sort_as_a_dictionary_does():
    shuffled = random.Random(3).sample(DICTIONARY, len(DICTIONARY))
    assert sorted(shuffled, key=sort_key) == DICTIONARY


@pytest.mark.parametrize(
    ("one", "other"),
    [("hòa", "hoà"), ("Xoài", "xoài"), ("Cao Lãnh", "cao-lãnh"), ("phường 01", "Phường 1")],
)
def test_what_makes_no_difference_to_the_order(one, other):
    assert sort_key(one) == sort_key(other)


@given(st.text())
def test_keys_use_only_digits_and_small_letters_and_are_cut(text):
    key = sort_key(text)
    assert len(key) <= 200
    assert all("0" <= c <= "9" or "a" <= c <= "z" for c in key)


def test_clean_text_drops_what_nobody_can_see():
    assert (
        clean_text("gi\u200ba\u0301\u202e \ufeffre\u0309\x00\r\nm\u00adới\tnay")
        == "giá rẻ\nmới\tnay"
    )


@given(st.text())
def test_cleaning_twice_changes_nothing(text):
    assert clean_text(clean_text(text)) == clean_text(text)
