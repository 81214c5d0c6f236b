"""What allauth's own pages need from us."""

from django.http import HttpRequest

from marketplace.accounts.menu import account_menu


def account_pages(request: HttpRequest) -> dict[str, object]:
    """The account menu, on allauth's pages alone: public pages must not know who is asking."""
    match = request.resolver_match
    name = (match.url_name or "") if match else ""
    if not name.startswith(("account_", "mfa_")):
        return {}
    return {"account_menu": account_menu(request)}
