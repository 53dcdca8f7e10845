// The tag browser: rows come from the API once a second, a filter keeps them few. Everything can be
// done by keyboard; what is written by hand is asked for once and never sent again by itself.
"use strict";
(() => {
  const EVERY_MS = 1000;
  const MOST = 500;
  const filter = document.getElementById("filter");
  const body = document.querySelector("#tags tbody");
  const writes = "writes" in document.getElementById("tags").dataset;
  const write = document.getElementById("write");
  const band = document.getElementById("feedback");
  const count = document.getElementById("count");
  const stale = document.getElementById("stale");
  const rows = new Map();
  let chosen = null;
  let writing = null;
  let heard = new Date();

  const say = (good, words) => {
    band.classList.toggle("good", good === true);
    band.classList.toggle("bad", good === false);
    band.textContent = words;
  };

  const age = (s) => (s === null ? "–" : s < 10 ? `${s.toFixed(1)} s` : `${Math.round(s)} s`);
  const hex = (words) =>
    words.map((word) => word.toString(16).toUpperCase().padStart(4, "0")).join(" ") +
    (words.length ? `  (${words.join(" ")})` : "");
  const shown = (value) => (value === null ? "–" : Array.isArray(value) ? value.join(", ") : String(value));

  const cells = (tag) => [
    `${tag.device}.${tag.tag}`, shown(tag.value), tag.unit,
    tag.quality + (tag.reason ? `: ${tag.reason}` : ""), age(tag.age_s), hex(tag.raw),
    tag.address, tag.type, tag.access, tag.poll,
  ];

  const rowOf = (tag) => {
    const name = `${tag.device}.${tag.tag}`;
    let row = rows.get(name);
    if (!row) {
      row = document.createElement("tr");
      row.append(...cells(tag).map((_, at) => document.createElement(at ? "td" : "th")));
      row.addEventListener("click", () => choose(row));
      row.addEventListener("dblclick", ask);
      rows.set(name, row);
    }
    cells(tag).forEach((text, at) => {
      if (row.children[at].textContent !== text) row.children[at].textContent = text;
    });
    row.classList.toggle("p1", tag.quality === "bad");
    row.classList.toggle("p2", tag.quality === "stale");
    row.tag = tag;
    return row;
  };

  const show = (tags) => {
    const wanted = filter.bad.checked ? tags.filter((tag) => tag.quality !== "good") : tags;
    const made = wanted.slice(0, MOST).map(rowOf);
    const changed = made.length !== body.children.length || made.some((row, at) => body.children[at] !== row);
    if (changed) body.replaceChildren(...made);
    if (chosen && !made.includes(chosen)) choose(null);
    const more = wanted.length > MOST ? `, the first ${MOST} are shown` : "";
    count.textContent = `${wanted.length} of ${tags.length} tags${more}`;
  };

  const look = async () => {
    const device = filter.device.value;
    const path = device ? `/api/tags/${encodeURIComponent(device)}` : "/api/tags";
    try {
      const answer = await fetch(`${path}?like=${encodeURIComponent(filter.like.value.trim())}`);
      if (answer.status === 401) return location.assign("/login");
      if (!answer.ok) throw new Error(`the gateway answered ${answer.status}`);
      show(await answer.json());
      heard = new Date();
      stale.hidden = true;
    } catch (err) {
      stale.hidden = false;
      stale.textContent = `Stale since ${heard.toLocaleTimeString()}: ${err.message}. This page comes back by itself.`;
    }
    document.body.classList.toggle("stale", !stale.hidden);
  };

  const choose = (row) => {
    if (chosen) chosen.removeAttribute("aria-selected");
    chosen = row;
    if (!row) return;
    row.setAttribute("aria-selected", "true");
    row.scrollIntoView({ block: "nearest" });
  };

  const step = (by) => {
    const all = Array.from(body.children);
    if (!all.length) return;
    choose(all[Math.min(Math.max(all.indexOf(chosen) + by, 0), all.length - 1)]);
  };

  const ask = () => {
    if (!chosen || !writes) return;
    writing = chosen.tag;
    if (writing.access === "r") return say(false, `${writing.device}.${writing.tag} is only read`);
    document.getElementById("what").textContent = `${writing.device}.${writing.tag}`;
    document.getElementById("limits").textContent =
      `${writing.type}${writing.unit ? `, ${writing.unit}` : ""}` +
      (writing.range ? `, ${writing.range[0]} to ${writing.range[1]}` : "");
    write.hidden = false;
    write.value.value = "";
    write.value.focus();
  };

  const back = () => {
    write.hidden = true;
    document.activeElement.blur();
  };

  write.addEventListener("submit", async (event) => {
    event.preventDefault();
    const { device, tag } = writing;
    const path = `/api/tags/${encodeURIComponent(device)}/${encodeURIComponent(tag)}`;
    try {
      const answer = await fetch(path, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ value: write.value.value.trim() }),
      });
      const said = await answer.json();
      if (answer.ok) say(true, `OK: ${device}.${tag} reads ${shown(said.value)} ${said.reason}`);
      else say(false, `NO: ${said.reason || said.detail}`);
    } catch (err) {
      say(false, `NO ANSWER (${err.message}): look at the device before you write again.`);
    }
    back();
    look();
  });

  document.addEventListener("keydown", (event) => {
    const typing = ["INPUT", "SELECT"].includes(document.activeElement.tagName);
    if (event.key === "Escape") back();
    else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (document.activeElement.tagName === "SELECT") return;
      event.preventDefault();
      step(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "/" && !typing) {
      event.preventDefault();
      filter.like.focus();
    } else if (event.key === "Enter" && !write.contains(document.activeElement)) {
      event.preventDefault();
      ask();
    }
  });
  filter.addEventListener("submit", (event) => event.preventDefault());
  filter.addEventListener("input", look);
  look();
  setInterval(() => document.hidden || look(), EVERY_MS);
})();
