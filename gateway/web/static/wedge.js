// Keeps a page true. One stream per page: each event names the region whose HTML it carries, a
// `beat` each second says that the server lives. No beat for 2.2 s: everything looks stale, with
// words. The stream itself (connecting, coming back, pausing while hidden) is htmx's extension.
"use strict";
(() => {
  const STALE_MS = 2200;
  const stream = document.getElementById("stream");
  const band = document.getElementById("stale");

  if (stream) {
    let heard = performance.now();
    let since = "the beginning";

    const show = (stale) => {
      if (stale === document.body.classList.contains("stale")) return;
      document.body.classList.toggle("stale", stale);
      band.hidden = !stale;
      band.textContent = stale
        ? `Stale since ${since}: the gateway does not answer. ` +
          "The floor goes on by itself; this page comes back by itself."
        : "";
    };
    setInterval(() => show(performance.now() - heard > STALE_MS), 200);

    document.addEventListener("htmx:before:sse:message", (event) => {
      const { message } = event.detail;
      heard = performance.now();
      if (message.event === "beat") since = message.data;
      show(false);
      const region = document.getElementById(`region-${message.event}`);
      if (region) {
        htmx.swap({ sourceElement: stream, target: region, swap: "innerMorph", text: message.data });
      }
    });
    document.addEventListener("htmx:sse:error", (event) => {
      if (event.detail.status === 401) location.assign("/login");
    });
  }

  for (const link of document.querySelectorAll("header nav a")) {
    const path = link.getAttribute("href");
    if (path === location.pathname || (path !== "/" && location.pathname.startsWith(path))) {
      link.setAttribute("aria-current", "page");
    }
  }
})();
