// Acts of a page: a form with `data-api` is sent to the API as JSON, its answer comes back in words
// within one round trip. What the network swallowed is sent again with the same key, in order, and
// counts once; a form with `data-once` is never sent again.
"use strict";
const acts = (() => {
  const band = document.getElementById("feedback");
  const AGAIN_MS = 1000;
  const waiting = [];

  const say = (good, words) => {
    if (!band) return;
    band.classList.toggle("good", good === true);
    band.classList.toggle("bad", good === false);
    band.textContent = words;
  };

  const key = () =>
    Array.from(crypto.getRandomValues(new Uint8Array(16)), (n) => n.toString(16).padStart(2, "0")).join("");

  const send = async ({ path, body, key, told }) => {
    const answer = await fetch(path, {
      method: "POST",
      headers: { "content-type": "application/json", "idempotency-key": key },
      body: JSON.stringify(body),
    });
    if (answer.status === 401) return location.assign("/login");
    const said = await answer.json().catch(() => ({}));
    if (answer.status === 503) throw new Error(said.detail || "busy");
    const words = said.reason || said.detail || "";
    if (answer.ok) say(true, `OK: ${words || told}`);
    else say(false, `NO: ${words || `the gateway answered ${answer.status}`}`);
    document.dispatchEvent(new CustomEvent("wedge:answered", { detail: { ok: answer.ok, said } }));
  };

  let sending = false;
  const drain = async () => {
    if (sending) return;
    sending = true;
    try {
      while (waiting.length) {
        await send(waiting[0]);
        waiting.shift();
      }
    } catch (err) {
      say(false, `NOT SENT: ${waiting.length} waiting (${err.message}). It is sent again by itself.`);
      setTimeout(drain, AGAIN_MS);
    } finally {
      sending = false;
    }
  };

  const act = (path, body, told) => {
    waiting.push({ path, body, key: key(), told });
    return drain();
  };

  const once = (path, body, told) =>
    send({ path, body, key: key(), told }).catch(() =>
      say(false, "NO ANSWER: perhaps the gateway is what you broke. It is not asked again."));

  const valueOf = (field) =>
    field.type === "number" || field.dataset.type === "number" ? Number(field.value) : field.value.trim();

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.dataset.api) return;
    event.preventDefault();
    if (form.dataset.sure && !confirm(form.dataset.sure)) return;
    const body = {};
    for (const field of form.elements) {
      if (field.name && field.tagName !== "BUTTON") body[field.name] = valueOf(field);
    }
    const pressed = event.submitter;
    if (pressed && pressed.name) body[pressed.name] = pressed.value;
    const told = body.code || (pressed && pressed.textContent.trim()) || "done";
    if ("once" in form.dataset) once(form.dataset.api, body, told);
    else act(form.dataset.api, body, told);
    if (form.id === "scan-form") form.reset();
  });

  return { act, say };
})();
