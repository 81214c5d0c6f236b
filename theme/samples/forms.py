"""A form with fields of every kind, blank and with errors."""

from __future__ import annotations

from django import forms


class SampleForm(forms.Form):
    """Fields of every kind the Field component knows."""

    phone = forms.CharField(
        label="Số điện thoại người nhận",
        help_text="Người giao gọi số này. Cũng dùng để tra đơn, không cần tài khoản.",
        widget=forms.TextInput(attrs={"type": "tel", "inputmode": "tel", "autocomplete": "tel"}),
    )
    name = forms.CharField(
        label="Tên người nhận", widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    province = forms.ChoiceField(
        label="Tỉnh, thành phố",
        choices=[("92", "TP. Cần Thơ"), ("82", "Đồng Tháp"), ("79", "TP. Hồ Chí Minh")],
        widget=forms.Select(attrs={"autocomplete": "address-level1"}),
    )
    commune = forms.CharField(
        label="Phường, xã", widget=forms.TextInput(attrs={"autocomplete": "address-level2"})
    )
    note = forms.CharField(
        label="Lời dặn", required=False, widget=forms.Textarea(attrs={"maxlength": 200})
    )
    commune_choice = forms.ChoiceField(
        label="Có hai nơi cùng tên, bạn chọn nơi nào?",
        choices=[("1", "P. Tân An, TP. Cần Thơ"), ("2", "X. Tân An, tỉnh Vĩnh Long")],
        widget=forms.RadioSelect,
    )
    payment = forms.ChoiceField(
        label="Cách trả tiền",
        choices=[("cod", "Trả khi nhận hàng"), ("vietqr", "Chuyển khoản VietQR")],
        initial="cod",
        widget=forms.RadioSelect,
    )
    topics = forms.MultipleChoiceField(
        label="Muốn nghe tin gì",
        required=False,
        choices=[("mua", "Mùa trái cây"), ("hoi", "Hội làng")],
        widget=forms.CheckboxSelectMultiple,
    )
    terms = forms.BooleanField(label="Tôi đồng ý với quy chế hoạt động và chính sách giao hàng.")


def form(*, with_errors: bool = False) -> SampleForm:
    if not with_errors:
        return SampleForm(auto_id="ok_%s")
    bound = SampleForm(
        {"phone": "0912 345 67", "name": "Nguyễn Thị Hồng Đào", "province": "92"}, auto_id="bad_%s"
    )
    bound.is_valid()
    bound.errors["phone"] = bound.error_class(
        ["Số điện thoại thiếu một số. Nhập đủ 10 số, ví dụ 0912 345 678."]
    )
    return bound
