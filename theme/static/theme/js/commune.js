/* Type-ahead for the commune: suggestions from data-url (?province=CODE&q=TEXT, answering
   {"results": [{"label": "…"}]}) in a listbox by the ARIA combobox pattern. The field stays a
   plain text field; the server reads whatever was typed. */
(function () {
  "use strict";

  function start(input) {
    var url = input.dataset.url;
    if (!url) { return; }
    var box = document.createElement("ul");
    box.className = "listbox";
    box.id = input.id + "-list";
    box.hidden = true;
    box.setAttribute("role", "listbox");
    var label = document.querySelector("label[for='" + input.id + "']");
    if (label) { box.setAttribute("aria-label", label.textContent.trim()); }
    (input.closest(".combo") || input.parentNode).appendChild(box);
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-expanded", "false");
    input.setAttribute("aria-controls", box.id);
    input.setAttribute("autocomplete", "off");

    var province = document.getElementById(input.dataset.province || "");
    var active = -1;
    var timer = 0;
    var asked = 0;

    function close() {
      box.hidden = true;
      active = -1;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    }
    function choose(option) {
      input.value = option.textContent;
      close();
    }
    function mark(next) {
      var options = box.children;
      if (!options.length) { return; }
      if (active >= 0) { options[active].setAttribute("aria-selected", "false"); }
      active = (next + options.length) % options.length;
      options[active].setAttribute("aria-selected", "true");
      options[active].scrollIntoView({ block: "nearest" });
      input.setAttribute("aria-activedescendant", options[active].id);
    }
    function show(rows) {
      box.textContent = "";
      rows.slice(0, 12).forEach(function (row, at) {
        var option = document.createElement("li");
        option.id = box.id + "-" + at;
        option.setAttribute("role", "option");
        option.setAttribute("aria-selected", "false");
        option.textContent = row.label;
        option.addEventListener("mousedown", function (event) {
          event.preventDefault();
          choose(option);
        });
        box.appendChild(option);
      });
      active = -1;
      box.hidden = !rows.length;
      input.setAttribute("aria-expanded", rows.length ? "true" : "false");
      input.removeAttribute("aria-activedescendant");
    }
    function ask() {
      var turn = ++asked;
      var query = new URLSearchParams({ q: input.value.trim() });
      if (province && province.value) { query.set("province", province.value); }
      fetch(url + (url.indexOf("?") < 0 ? "?" : "&") + query, { credentials: "same-origin" })
        .then(function (answer) { return answer.ok ? answer.json() : { results: [] }; })
        .then(function (data) {
          if (turn === asked && document.activeElement === input) { show(data.results || []); }
        })
        .catch(close);
    }

    input.addEventListener("input", function () {
      window.clearTimeout(timer);
      if (input.value.trim().length < 1) { close(); return; }
      timer = window.setTimeout(ask, 150);
    });
    input.addEventListener("keydown", function (event) {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        if (box.hidden) { ask(); } else { mark(active + (event.key === "ArrowDown" ? 1 : -1)); }
      } else if (event.key === "Enter" && !box.hidden && active >= 0) {
        event.preventDefault();
        choose(box.children[active]);
      } else if (event.key === "Escape" && !box.hidden) {
        event.preventDefault();
        close();
      }
    });
    input.addEventListener("blur", close);
    if (province) { province.addEventListener("change", function () { input.value = ""; close(); }); }
  }

  document.querySelectorAll("input[data-url]").forEach(start);
})();
