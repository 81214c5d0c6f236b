/* A button beside each line that is typed into the bank's app, which copies it. Without script, or
   where the browser does not let us, there is no button: a tap on the line selects it. */
(function () {
  "use strict";
  if (!navigator.clipboard || !navigator.clipboard.writeText) { return; }
  var status = document.querySelector("[data-copied]");
  document.querySelectorAll("button[data-copy]").forEach(function (button) {
    button.hidden = false;
    button.addEventListener("click", function () {
      navigator.clipboard.writeText(button.getAttribute("data-copy")).then(function () {
        say(button, true);
      }, function () {
        say(button, false);
      });
    });
  });
  function say(button, done) {
    document.querySelectorAll("button.is-copied").forEach(function (other) {
      other.classList.remove("is-copied");
    });
    button.classList.toggle("is-copied", done);
    if (!status) { return; }
    // Emptied first, so that copying the same line again is told again.
    status.textContent = "";
    window.setTimeout(function () {
      status.textContent = status.getAttribute(done ? "data-copied" : "data-failed")
        .replace("{}", button.getAttribute("data-what"));
    }, 50);
  }
})();
