/* Remembers where the reader wants things sent (only in this browser) and fills it in where a
   page asks; a page without the choice in its address is loaded again with it, once. */
(function () {
  "use strict";
  var KEY = "ds_province";
  var NAME = "giao-den";
  var store;
  try { store = window.localStorage; store.getItem(KEY); } catch (error) { return; }

  var address = new URL(window.location.href);
  var chosen = address.searchParams.get(NAME);
  if (chosen && /^\d{2}$/.test(chosen)) { store.setItem(KEY, chosen); }

  var form = document.querySelector("[data-province-form]");
  if (!form) { return; }
  var select = form.querySelector("select[name='" + NAME + "']");
  if (!select) { return; }
  var known = store.getItem(KEY);
  var offered = known && [].some.call(select.options, function (o) { return o.value === known; });
  if (!chosen && !select.value && offered) {
    address.searchParams.set(NAME, known);
    window.location.replace(address.href);
    return;
  }
  form.addEventListener("submit", function () {
    if (select.value) { store.setItem(KEY, select.value); }
  });
})();
