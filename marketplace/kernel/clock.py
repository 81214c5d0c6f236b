from datetime import datetime, timezone
from zoneinfo import ZoneInfo
TZ = ZoneInfo("Asia/Ho_Chi_Minh")
def now():
    return datetime.now(timezone.utc)
def local_date(at):
    return at.astimezone(TZ).date()
def today():
    return local_date(now())
