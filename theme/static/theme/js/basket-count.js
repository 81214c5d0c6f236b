/* Shows how many things lie in the basket, from a plain cookie, on pages that are the same for
   everybody. Without script the number is simply absent. */
(function () {
  "use strict";
  function show() {
    document.querySelectorAll("[data-basket-cookie]").forEach(function (link) {
      var mark = link.querySelector("[data-basket-count]");
      if (!mark) { return; }
      var found = document.cookie.match(
        new RegExp("(?:^|; )" + link.getAttribute("data-basket-cookie") + "=(\\d{1,6})(?:;|$)")
      );
      var count = found ? parseInt(found[1], 10) : 0;
      mark.hidden = count < 1;
      mark.textContent = count > 99 ? "99+" : String(count);
    });
  }
  show();
  window.addEventListener("pageshow", show);
  document.addEventListener("basket:changed", show);
})();
