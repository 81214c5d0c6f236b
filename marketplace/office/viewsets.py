"""The office's desks in Wagtail's admin: their addresses and their places in the menu."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.http import HttpRequest
from django.urls import URLPattern, path
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.menu import MenuItem
from wagtail.admin.viewsets.base import ViewSet, ViewSetGroup

from marketplace.office import page_queries
from marketplace.office.views import (
    call_list,
    helpers,
    imports,
    judging,
    letters,
    listings,
    orders,
    pages,
    payouts,
    producers,
    receipts,
    refunds,
    rule_changes,
    rules,
    sellers,
    stock,
    suspensions,
    vouchers,
    working_days,
)


class Desk(ViewSet):
    """A desk; its entry in the menu is for those who may enter."""

    #: Permissions without which there is no entry.
    needs: Sequence[str] = ()

    def may_enter(self, user: Any) -> bool:
        """Whether this person has something to do here."""
        return user.has_perms(self.needs)

    @cached_property
    def menu_item_class(self) -> type[MenuItem]:
        may_enter: Callable[[Any], bool] = self.may_enter

        def is_shown(_item: MenuItem, request: HttpRequest) -> bool:
            return may_enter(request.user)

        return type("DeskMenuItem", (MenuItem,), {"is_shown": is_shown})

    def list_paths(self, view: type, **names: Any) -> list[URLPattern]:
        """A list's page, and its results alone, as Wagtail's search asks for them."""
        values = {
            "index_url_name": self.get_url_name("index"),
            "index_results_url_name": self.get_url_name("index_results"),
            **names,
        }
        return [
            path("", view.as_view(**values), name="index"),
            path("results/", view.as_view(**values, results_only=True), name="index_results"),
        ]


class OrdersDesk(Desk):
    name = "office_orders"
    url_prefix = "market/orders"
    icon = "mail"
    menu_label = _("Orders")
    needs = orders.VIEW

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            *self.list_paths(
                orders.OrderIndexView, edit_url_name=self.get_url_name("order")
            ),
            path("<int:pk>/", orders.OrderView.as_view(), name="order"),
            path("<int:pk>/history/", orders.OrderHistoryView.as_view(), name="history"),
            path("<int:pk>/cancel/", orders.CancelOrderView.as_view(), name="cancel"),
            path("consignments/<int:pk>/move/", orders.MoveView.as_view(), name="move"),
            path("consignments/<int:pk>/ask/", orders.AskBuyerView.as_view(), name="ask"),
            path("consignments/<int:pk>/cash/", orders.RemitView.as_view(), name="remit"),
        ]


class CallsDesk(Desk):
    name = "office_calls"
    url_prefix = "market/calls"
    icon = "comment"
    menu_label = _("Calls before sending")
    needs = [*orders.VIEW, "payments.view_calltask"]

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            path("", orders.CallsView.as_view(), name="index"),
            path("<int:pk>/answer/", orders.AnswerCallView.as_view(), name="answer"),
        ]


class CallListDesk(Desk):
    name = "office_call_list"
    url_prefix = "market/call-list"
    icon = "comment"
    menu_label = _("Call list")
    needs = call_list.NEEDS

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            path("", call_list.CallListView.as_view(), name="index"),
            path("<int:pk>/note/", call_list.NoteCallView.as_view(), name="note"),
            path("<int:pk>/answer/", call_list.AnswerReportView.as_view(), name="answer"),
        ]


class ReceiptsDesk(Desk):
    name = "office_receipts"
    url_prefix = "market/receipts"
    icon = "download"
    menu_label = _("Receipts")
    needs = receipts.VIEW

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            path("", receipts.ReceiptsView.as_view(), name="index"),
            path("record/", receipts.RecordView.as_view(), name="record_unmatched"),
            path("<int:pk>/record/", receipts.RecordView.as_view(), name="record"),
            path("<int:pk>/not-arrived/", receipts.NotArrivedView.as_view(), name="not_arrived"),
            path("received/<int:pk>/match/", receipts.MatchView.as_view(), name="match"),
            path("received/<int:pk>/undo/", receipts.UndoView.as_view(), name="undo"),
        ]


class RefundsDesk(Desk):
    name = "office_refunds"
    url_prefix = "market/refunds"
    icon = "undo"
    menu_label = _("Refunds")
    needs = refunds.VIEW

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            path("", refunds.RefundsView.as_view(), name="index"),
            path("list.xlsx", refunds.RefundListView.as_view(), name="list"),
            path("<int:pk>/send/", refunds.SendRefundView.as_view(), name="send"),
            path("sent/<int:pk>/confirm/", refunds.ConfirmRefundView.as_view(), name="confirm"),
            path("sent/<int:pk>/undo/", refunds.UndoRefundView.as_view(), name="undo"),
        ]


class PayoutsDesk(Desk):
    name = "office_payouts"
    url_prefix = "market/payouts"
    icon = "upload"
    menu_label = _("Payouts")
    needs = payouts.VIEW

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            path("", payouts.PayoutsView.as_view(), name="index"),
            path("list.xlsx", payouts.PayoutListView.as_view(), name="list"),
            path("producers/<int:pk>/prepare/", payouts.PrepareView.as_view(), name="prepare"),
            path("producers/<int:pk>/account/", payouts.AccountView.as_view(), name="account"),
            path("<int:pk>/send/", payouts.SendPayoutView.as_view(), name="send"),
            path("<int:pk>/undo/", payouts.UndoPayoutView.as_view(), name="undo"),
            path("<int:pk>/cancel/", payouts.CancelPayoutView.as_view(), name="cancel"),
        ]


class VouchersDesk(Desk):
    name = "office_vouchers"
    url_prefix = "market/vouchers"
    icon = "tag"
    menu_label = _("Vouchers")
    needs = [vouchers.VIEW]

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            *self.list_paths(
                vouchers.VoucherIndexView,
                edit_url_name=self.get_url_name("edit"),
                add_url_name=self.get_url_name("add"),
            ),
            path("new/", vouchers.VoucherAddView.as_view(), name="add"),
            path("<int:pk>/", vouchers.VoucherEditView.as_view(), name="edit"),
            path("<int:pk>/stop/", vouchers.VoucherStopView.as_view(), name="stop"),
            path("<int:pk>/codes.xlsx", vouchers.CodesWorkbookView.as_view(), name="codes_xlsx"),
            path("<int:pk>/codes.csv", vouchers.CodesTextView.as_view(), name="codes_csv"),
            path("<int:pk>/history/", vouchers.VoucherHistoryView.as_view(), name="history"),
        ]


class StockDesk(Desk):
    name = "office_stock"
    url_prefix = "market/stock"
    icon = "list-ol"
    menu_label = _("Price and stock")
    needs = [stock.VIEW]

    def get_urlpatterns(self) -> list[URLPattern]:
        return [path("", stock.StockView.as_view(), name="index")]


class ListingsDesk(Desk):
    name = "office_listings"
    url_prefix = "market/listings"
    icon = "tag"
    menu_label = _("Listings")
    needs = [listings.VIEW]

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            *self.list_paths(
                listings.ListingIndexView,
                edit_url_name=self.get_url_name("edit"),
                add_url_name=self.get_url_name("add"),
            ),
            path("revisions/", judging.RevisionsView.as_view(), name="revisions"),
            path(
                "revisions/<int:pk>/judge/", judging.RevisionJudgeView.as_view(), name="revision"
            ),
            path("<int:pk>/return/", judging.ListingReturnView.as_view(), name="return"),
            path("new/", listings.ListingAddView.as_view(), name="add"),
            path("<int:pk>/", listings.ListingEditView.as_view(), name="edit"),
            path("<int:pk>/history/", listings.ListingHistoryView.as_view(), name="history"),
            path(
                "<int:pk>/take-off-sale/",
                listings.ListingUnpublishView.as_view(),
                name="unpublish",
            ),
        ]


class ProducersDesk(Desk):
    name = "office_producers"
    url_prefix = "market/producers"
    icon = "group"
    menu_label = _("Producers")
    needs = [producers.VIEW]

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            *self.list_paths(
                producers.ProducerIndexView,
                edit_url_name=self.get_url_name("edit"),
                add_url_name=self.get_url_name("add"),
            ),
            path("new/", producers.ProducerAddView.as_view(), name="add"),
            path("<int:pk>/", producers.ProducerEditView.as_view(), name="edit"),
            path("<int:pk>/history/", producers.ProducerHistoryView.as_view(), name="history"),
            path("<int:pk>/suspend/", suspensions.SuspendView.as_view(), name="suspend"),
            path("<int:pk>/letter/", letters.LetterView.as_view(), name="letter"),
        ]


class ApplicationsDesk(Desk):
    name = "office_applications"
    url_prefix = "market/applications"
    icon = "user"
    menu_label = _("Applications to sell")
    needs = [sellers.VIEW_APPLICATIONS]

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            path("", sellers.ApplicationsView.as_view(), name="index"),
            path("<int:pk>/judge/", sellers.JudgeApplicationView.as_view(), name="judge"),
        ]


class PapersDesk(Desk):
    name = "office_papers"
    url_prefix = "market/papers"
    icon = "doc-full-inverse"
    menu_label = _("Producers' papers")
    needs = [sellers.VIEW_PAPERS]

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            path("", sellers.PapersView.as_view(), name="index"),
            path("<int:pk>/judge/", sellers.JudgePaperView.as_view(), name="judge"),
            path("<int:pk>/scan/", sellers.ScanView.as_view(), name="scan"),
        ]


class HelpersDesk(Desk):
    name = "office_helpers"
    url_prefix = "market/helpers"
    icon = "group"
    menu_label = _("Acting for growers")
    needs = [helpers.VIEW]

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            path("", helpers.HelpersView.as_view(), name="index"),
            path("<int:pk>/withdraw/", helpers.WithdrawView.as_view(), name="withdraw"),
            path("areas/<int:pk>/", helpers.AreaView.as_view(), name="area"),
        ]


class ImportsDesk(Desk):
    name = "office_imports"
    url_prefix = "market/imports"
    icon = "download"
    menu_label = _("Import by table")
    needs = [imports.VIEW]

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            path("", imports.ImportsView.as_view(), name="index"),
            path("template/<slug:kind>/", imports.TemplateView.as_view(), name="template"),
            path("<int:pk>/", imports.ImportView.as_view(), name="table"),
            path("<int:pk>/errors/", imports.ErrorsView.as_view(), name="errors"),
            path("<int:pk>/confirm/", imports.ConfirmView.as_view(), name="confirm"),
            path("<int:pk>/undo/", imports.UndoView.as_view(), name="undo"),
            path("<int:pk>/discard/", imports.DiscardView.as_view(), name="discard"),
        ]


class PagesDesk(Desk):
    name = "office_pages"
    url_prefix = "market/pages"
    icon = "doc-empty"
    menu_label = _("Pages that wait")

    def may_enter(self, user: Any) -> bool:
        return page_queries.works_on_pages(user)

    def get_urlpatterns(self) -> list[URLPattern]:
        return [path("", pages.WaitingPagesView.as_view(), name="index")]


class RulesDesk(Desk):
    name = "office_rules"
    url_prefix = "market/rules"
    icon = "doc-full"
    menu_label = _("Rules in force")

    def may_enter(self, user: Any) -> bool:
        return rules.may_read_rules(user)

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            path("", rules.RulesView.as_view(), name="index"),
            path("working-days/", working_days.WorkingDaysView.as_view(), name="working_days"),
            path(
                "working-days/history/",
                working_days.WorkingDaysHistoryView.as_view(),
                name="working_days_history",
            ),
            path(
                "working-days/export.<slug:kind>",
                working_days.WorkingDaysExportView.as_view(),
                name="working_days_export",
            ),
            path(
                "working-days/<int:pk>/remove/",
                working_days.RemoveView.as_view(),
                name="working_days_remove",
            ),
            path("<slug:table>/", rules.TableView.as_view(), name="table"),
            path("<slug:table>/new/", rule_changes.NewView.as_view(), name="new"),
            path("<slug:table>/history/", rules.TableHistoryView.as_view(), name="history"),
            path("<slug:table>/export.<slug:kind>", rules.ExportView.as_view(), name="export"),
            path("<slug:table>/<int:pk>/change/", rule_changes.ChangeView.as_view(), name="change"),
            path(
                "<slug:table>/<int:pk>/withdraw/",
                rule_changes.WithdrawView.as_view(),
                name="withdraw",
            ),
            path("<slug:table>/<int:pk>/end/", rule_changes.EndView.as_view(), name="end"),
        ]


class Market(ViewSetGroup):
    """Everything about buying and selling, below one entry of the menu."""

    menu_label = _("Market")
    menu_icon = "clipboard-list"
    menu_name = "market"
    menu_order = 90
    add_to_admin_menu = True
    items = (
        OrdersDesk,
        CallsDesk,
        CallListDesk,
        ReceiptsDesk,
        RefundsDesk,
        PayoutsDesk,
        VouchersDesk,
        StockDesk,
        ListingsDesk,
        ProducersDesk,
        ApplicationsDesk,
        PapersDesk,
        HelpersDesk,
        ImportsDesk,
        PagesDesk,
        RulesDesk,
    )
