/* While the worker has a table, ask again every two seconds; when it is done, show the page anew.
   Without this script the page reloads by itself. */
(() => {
  const state = document.querySelector("[data-at-work]");
  if (!state) return;
  const ask = async () => {
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
      if (answer.ok && !answer.redirected) {
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const now = page.querySelector("[data-import-state]");
        if (!now || !now.hasAttribute("data-at-work")) {
          location.reload();
          return;
        }
        state.querySelector("progress").value = now.querySelector("progress").value;
        state.querySelector("label").textContent = now.querySelector("label").textContent;
      }
    } catch {
      /* Offline for a moment: ask again. */
    }
    setTimeout(ask, 2000);
  };
  setTimeout(ask, 1000);
})();
