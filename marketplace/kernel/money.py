from decimal import Decimal, ROUND_HALF_UP
def round_amount(amount, currency="VND"):
    return Decimal(amount).quantize(Decimal(1), ROUND_HALF_UP)
