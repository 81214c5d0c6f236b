import re, unicodedata
def fold(text):
    t = unicodedata.normalize("NFD", text).replace("đ", "d").replace("Đ", "D")
    return "".join(c for c in t if not unicodedata.combining(c)).lower()
def slugify(text, allow_unicode=False):
    return re.sub(r"[^a-z0-9]+", "-", fold(text)).strip("-")
def sort_key(text):
    return fold(text)
