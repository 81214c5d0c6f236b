"""Listings of demo growers in every state, so that their desk and the office's queues have some."""

from datetime import datetime, timedelta
from decimal import Decimal

from catalogue import actions, draft_actions, listing_actions, revision_actions, state_actions
from catalogue.errors import SaleNotLower, SaleOverlaps
from catalogue.models import Product
from catalogue.queries import start_of
from catalogue.requirements import sellable_units
from catalogue.states import ListingActor
from marketplace.accounts.models import User
from marketplace.demo.loading import Tracker, read
from marketplace.kernel import clock
from marketplace.portal.listing_forms import initial_of_units


def load(track: Tracker) -> None:
    """Through the real actions, as their people would do it."""
    content = read("listings.toml")
    clerk = User.objects.filter(groups__name="operator").order_by("pk").first()
    entries = [(_draft, e) for e in content["draft"]] + [(_change, e) for e in content["change"]]
    for write, entry in track(entries, len(entries), "Listings under way"):
        write(entry, clerk)


def _grower(listing: Product) -> User | None:
    return User.objects.filter(producer_memberships__producer=listing.producer).first()


def _moment(entry: dict) -> datetime:
    return clock.now() + timedelta(days=entry.get("days", 0))


def _draft(entry: dict, clerk: User) -> None:
    original = Product.objects.get(slug=entry["like"], published_at__isnull=False)
    grower, now = _grower(original), _moment(entry)
    draft = draft_actions.copy_listing(listing=original, actor=grower)
    listing_actions.change_listing(
        listing=draft, values={"title_vi": entry["title_vi"]}, actor=grower
    )
    match entry["state"]:
        case "half":
            rows = initial_of_units(sellable_units(draft))
            rows[0]["price"] = entry["price"]
            count = str(len(rows))
            typed = {"unit-TOTAL_FORMS": [count], "unit-INITIAL_FORMS": [count]} | {
                f"unit-{at}-{name}": ["" if value is None else str(value)]
                for at, row in enumerate(rows)
                for name, value in row.items()
            }
            draft_actions.keep_half_step(listing=draft, step="units", typed=typed)
        case "submitted":
            state_actions.submit(listing=draft, actor=grower, now=now)
        case "returned":
            state_actions.submit(listing=draft, actor=grower, now=now)
            state_actions.send_back(
                listing=draft, remarks=entry["remarks"], reason=entry["reason"], actor=clerk,
                now=now + timedelta(hours=20),
            )
        case "discarded":
            state_actions.discard(listing=draft, actor=grower, now=now)


def _change(entry: dict, clerk: User) -> None:
    listing = Product.objects.get(slug=entry["product"], published_at__isnull=False)
    grower, now = _grower(listing), _moment(entry)
    match entry["kind"]:
        case "pending" | "declined":
            revision = revision_actions.propose(
                listing=listing, values={"summary_vi": entry["summary_vi"]}, actor=grower, now=now
            )
            if entry["kind"] == "declined":
                revision_actions.decline(
                    revision=revision, reason=entry["reason"], actor=clerk,
                    now=now + timedelta(hours=20),
                )
        case "suspended":
            state_actions.suspend(
                listing=listing, acted_as=ListingActor.OFFICE, reason=entry["reason"],
                actor=clerk, now=now,
            )
        case "out_of_stock":
            for unit in sellable_units(listing):
                record = unit.stockrecords.get()
                # What buyers were promised stays.
                actions.set_stock(unit=unit, in_stock=record.num_allocated or 0, actor=grower)
        case "sale":
            today = clock.today()
            for unit in sellable_units(listing):
                price = unit.stockrecords.get().price
                lower = (price * (100 - entry["percent"]) / 100).quantize(Decimal("1E3"))
                try:
                    actions.set_sale_price(
                        unit=unit, price=lower, actor=grower,
                        starts_at=start_of(today + timedelta(days=entry["from_days"])),
                        ends_at=start_of(today + timedelta(days=entry["through_days"] + 1)),
                    )
                except (SaleOverlaps, SaleNotLower):
                    # The catalogue file has given it another sale in these days.
                    continue
