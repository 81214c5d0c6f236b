/* Steppers on product pages, and changes in the basket without a reload: the ordinary form is
   sent with fetch and the <main> of the answer takes the place of ours. */
(function () {
  "use strict";

  function stepper(box) {
    var input = box.querySelector("input");
    box.querySelectorAll("[data-step]").forEach(function (button) {
      button.hidden = false;
      button.addEventListener("click", function () {
        var next = (parseInt(input.value, 10) || 0) + parseInt(button.dataset.step, 10);
        input.value = String(Math.min(Math.max(next, 1), 9999));
      });
    });
  }
  document.querySelectorAll("[data-stepper]").forEach(stepper);

  var busy = false;

  function send(form, extra) {
    if (busy) { return; }
    busy = true;
    var main = document.getElementById("main");
    var focus = focusKey(form, document.activeElement);
    var body = new FormData(form);
    if (extra) { body.append(extra.name, extra.value); }
    main.setAttribute("aria-busy", "true");
    fetch(form.action, { method: "POST", body: body, credentials: "same-origin" })
      .then(function (answer) {
        /* 400 and 422 bring the page back with what is wrong beside the field. */
        if (!answer.ok && answer.status !== 400 && answer.status !== 422) {
          throw new Error(String(answer.status));
        }
        return answer.text();
      })
      .then(function (html) {
        var next = new DOMParser().parseFromString(html, "text/html").getElementById("main");
        if (!next) { throw new Error("no main"); }
        main.replaceWith(next);
        refocus(focus);
        document.dispatchEvent(new CustomEvent("basket:changed"));
        busy = false;
      })
      .catch(function () {
        /* Let the browser do it the plain way. */
        if (extra) {
          var hidden = document.createElement("input");
          hidden.type = "hidden";
          hidden.name = extra.name;
          hidden.value = extra.value;
          form.appendChild(hidden);
        }
        HTMLFormElement.prototype.submit.call(form);
      });
  }

  function focusKey(form, element) {
    var line = form.elements.line;
    return line && element ? { line: line.value, index: [].indexOf.call(form.elements, element) } : null;
  }

  function refocus(key) {
    var target = null;
    if (key) {
      document.querySelectorAll("form[data-quantity]").forEach(function (form) {
        if (form.elements.line && form.elements.line.value === key.line) {
          target = form.elements[key.index];
          if (!target || target.disabled) { target = form.elements.quantity; }
        }
      });
    }
    if (!target) {
      target = document.querySelector("#main h1");
      if (target) { target.tabIndex = -1; }
    }
    if (target) { target.focus({ preventScroll: true }); }
  }

  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (!form.matches || !form.matches("form[data-quantity]")) { return; }
    event.preventDefault();
    var button = event.submitter;
    send(form, button && button.name ? { name: button.name, value: button.value } : null);
  });
  document.addEventListener("change", function (event) {
    var form = event.target.form;
    if (form && form.matches("form[data-quantity]") && event.target.name === "quantity") {
      send(form, null);
    }
  });
})();
