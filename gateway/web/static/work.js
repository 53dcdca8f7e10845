// The keys of a station. What is to be done is the server's word (`#current`), so a reload, another
// handheld or an empty battery resume at the same step.
"use strict";
(() => {
  const scan = document.getElementById("scan");
  const typing = document.getElementById("type");
  const panel = document.getElementById("short-panel");
  const found = document.getElementById("found");
  const by = (id) => document.getElementById(id);
  const current = () => by("current");
  const touch = (element) => ["INPUT", "SELECT", "BUTTON", "SUMMARY", "A"].includes(element?.tagName);

  const focus = () => scan.focus({ preventScroll: true });
  const free = () => !touch(document.activeElement) || document.activeElement === scan;
  setInterval(() => free() && focus(), 300);
  document.addEventListener("wedge:answered", focus);
  focus();

  document.addEventListener("keydown", (event) => {
    const key = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (key) {
      event.preventDefault();
      key.click();
    } else if (event.key.length === 1 && !event.ctrlKey && !event.altKey && document.activeElement.tagName !== "INPUT") {
      focus();  // a scanner types wherever the focus is
    }
  });

  // A place that is no scanner of the floor: a scan finds the errand that it belongs to.
  document.addEventListener("submit", (event) => {
    if (!("find" in event.target.dataset)) return;
    event.preventDefault();
    const code = scan.value.trim();
    event.target.reset();
    const mine = [...document.querySelectorAll(".errand")].find(
      ({ dataset }) => dataset.subject === code || dataset.location === code,
    );
    if (!mine) return acts.say(false, `NO: nothing waits here for ${code}`);
    mine.scrollIntoView({ block: "center" });
    mine.querySelector("input:not([type=hidden]), button")?.focus();
    acts.say(true, `OK: ${mine.getAttribute("aria-label")}`);
  });

  typing.addEventListener("click", () => {
    const on = scan.inputMode === "none";
    scan.inputMode = on ? "text" : "none";
    typing.setAttribute("aria-pressed", String(on));
    scan.blur();
    focus();
  });

  if (!panel) return;

  // A second tap of the same thumb must not confirm the step that has only just come.
  const SETTLED_MS = 400;
  const shown = { task: current()?.dataset.task, since: -SETTLED_MS };
  const settled = () => {
    const task = current()?.dataset.task;
    if (task !== shown.task) Object.assign(shown, { task, since: performance.now() });
    return performance.now() - shown.since >= SETTLED_MS;
  };
  setInterval(settled, 50);

  let sent = null;
  const pick = (button, qty) => {
    const task = current();
    if (!settled() || (task && task.dataset.task === sent)) return;
    if (!task) return acts.say(false, "NO: there is nothing to pick here now");
    if (task.dataset.state === "carton") return acts.say(false, "NO: scan an empty carton's plate first");
    sent = task.dataset.task;
    const told = button === "confirm" ? `${qty} picked` : `short: ${qty} found`;
    acts.act("/api/work/pick", { task: task.dataset.task, button, qty }, told);
  };
  document.addEventListener("wedge:answered", ({ detail }) => {
    if (!detail.ok) sent = null;  // refused: the same step may be tried again
  });
  const open = (on) => {
    panel.hidden = !on;
    by("short").setAttribute("aria-expanded", String(on));
    found.value = 0;
    found.max = Math.max(0, Number(current()?.dataset.qty || 1) - 1);
    if (on) found.focus();
    else focus();
  };
  const step = (by_) => {
    const next = Number(found.value) + by_;
    found.value = Math.min(Number(found.max), Math.max(0, next));
  };

  by("confirm").addEventListener("click", () => pick("confirm", Number(current()?.dataset.qty)));
  by("short").addEventListener("click", () => open(panel.hidden));
  by("less").addEventListener("click", () => step(-1));
  by("more").addEventListener("click", () => step(1));
  by("report").addEventListener("click", () => {
    pick("short", Number(found.value));
    open(false);
  });
  by("cancel").addEventListener("click", () => {
    open(false);
    scan.value = "";
    acts.say(null, "Cancelled; nothing was reported.");
  });
})();
