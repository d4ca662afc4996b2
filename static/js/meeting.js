/* The decision meeting's table: live sums and envelope while one types, and every cell saved by itself.

   Only cells that differ from what the server has are sent (a12=…), each with what was seen there (wa12=…), so that two
   people at work never overwrite each other's cells. The rest is the protocol of autosave.js. */

import { Autosave } from "./autosave.js";

const SHOWN = new Intl.NumberFormat("en-US");

/* Whole dollars, or null for anything else. */
function dollars(text) {
  const plain = text.normalize("NFKC").trim().replace(/^(NT\$|\$)\s*/i, "").replace(/\s*元$/, "");
  if (plain === "") return 0;
  return /^(\d+|\d{1,3}(,\d{3})+)$/.test(plain) ? Number(plain.replaceAll(",", "")) : null;
}

const share = (part, whole) => `${whole > 0 ? Math.min(100, Math.max(0, (part / whole) * 100)).toFixed(1) : 0}%`;

class Board extends Autosave {
  cells() { return [...this.form.querySelectorAll("input[data-was]")]; }
  changed() { return this.cells().filter((cell) => dollars(cell.value) !== Number(cell.dataset.was)); }
  entries() { return this.changed().flatMap((cell) => [[cell.name, cell.value], [`w${cell.name}`, cell.dataset.was]]); }

  request() {
    this.underway = new Map(this.changed().map((cell) => [cell.name, dollars(cell.value)]));
    return super.request();
  }

  handle(response, data, edits) {
    if (data.status === "saved" || data.status === "kept") {
      const errors = data.cell_errors || {};
      for (const [name, amount] of this.underway || []) if (amount !== null && !(name in errors)) this.cell(name).dataset.was = amount;
      for (const cell of this.cells()) {
        cell.toggleAttribute("aria-invalid", false);
        if (cell.name in errors) { cell.setAttribute("aria-invalid", "true"); cell.title = errors[cell.name]; }
        else cell.removeAttribute("title");
      }
      this.theirs(data.others);
      this.notes(data.rows || {}, new Set(data.broken || []));
    } else if (data.status === "conflict") {
      this.theirs(data.others);
      for (const [name, amount] of Object.entries(data.theirs || {})) this.cell(name).dataset.theirs = amount;
    }
    super.handle(response, data, edits);
    if (data.status === "kept") {
      this.keep();
      this.say("紅框的格子不是整數金額，還沒有存入；其他的已儲存", "kept");
    }
    refresh(this.form);
  }

  cell(name) { return this.form.elements[name]; }

  /* What somebody else saved meanwhile: taken over where one has not typed oneself. */
  theirs(others) {
    for (const [name, amount] of Object.entries(others || {})) {
      const cell = this.cell(name);
      if (!cell || Number(cell.dataset.was) === amount) continue;
      const typed = dollars(cell.value) !== Number(cell.dataset.was);
      cell.dataset.was = amount;
      if (!typed) { cell.value = SHOWN.format(amount); cell.classList.add("is-new"); }
    }
  }

  notes(rows, broken) {
    for (const note of this.form.querySelectorAll("[data-note]")) {
      const words = rows[note.dataset.note] || [];
      note.hidden = words.length === 0;
      const place = note.lastElementChild;
      place.replaceChildren(...words.map((text) => {
        const line = document.createElement("span");
        line.className = `d-block ${broken.has(note.dataset.note) ? "text-problem" : "text-mine"}`;
        line.textContent = text;
        return line;
      }));
      note.previousElementSibling.classList.toggle("is-problem", broken.has(note.dataset.note));
    }
  }

  setVersion(version) {
    super.setVersion(version);
    for (const field of document.querySelectorAll("input[type=hidden][name=version]")) field.value = version;
  }

  resolve(event) {
    const button = event.target.closest("[data-autosave-resolve]");
    const clashing = this.cells().filter((cell) => cell.dataset.theirs !== undefined);
    if (!button || this.state !== "conflict" || clashing.length === 0) { super.resolve(event); return; }
    event.preventDefault();
    for (const cell of clashing) {
      cell.dataset.was = cell.dataset.theirs;
      if (button.dataset.autosaveResolve === "theirs") cell.value = SHOWN.format(Number(cell.dataset.theirs));
      delete cell.dataset.theirs;
    }
    this.setVersion(button.dataset.version);
    button.closest("[data-conflict]").outerHTML = '<div id="conflict"></div>';
    this.state = "dirty";
    this.edits += 1;
    refresh(this.form);
    this.save();
  }
}

const OUTCOMES = { full: "全額", part: "部分", none: "未補助", failed: "未達及格" };

/* Sums, envelope and results as typed; the server's answer follows and stays the true one. */
function refresh(form) {
  const columns = [];
  let spent = 0;
  let funded = 0;
  let fallen = 0;
  let last = null;
  for (const row of form.querySelectorAll("tr[data-case]")) {
    let sum = 0;
    row.querySelectorAll("input[data-was]").forEach((cell, at) => {
      const amount = dollars(cell.value);
      cell.classList.toggle("is-over", amount === null || amount > Number(cell.dataset.most));
      sum += amount || 0;
      columns[at] = (columns[at] || 0) + (amount || 0);
    });
    const passed = !row.classList.contains("is-below");
    const outcome = sum ? (sum >= Number(row.dataset.possible) ? "full" : "part") : passed ? "none" : "failed";
    const total = row.querySelector("[data-sum-row]");
    total.textContent = SHOWN.format(sum);
    total.parentElement.classList.toggle("is-over", row.dataset.cap !== undefined && sum > Number(row.dataset.cap));
    const words = row.querySelector("[data-outcome]");
    words.textContent = OUTCOMES[outcome];
    words.className = `nowrap outcome is-${outcome}`;
    row.classList.remove("cut-line");
    if (sum) { last = row; funded += 1; } else if (passed) fallen += 1;
    spent += sum;
  }
  last?.classList.add("cut-line");
  columns.forEach((amount, at) => { form.querySelector(`[data-sum-column="${at}"]`).textContent = SHOWN.format(amount); });
  form.querySelector("[data-sum-all]").textContent = SHOWN.format(spent);

  const box = document.getElementById("board-summary");
  const envelope = Number(box.dataset.envelope);
  const whole = Math.max(envelope, spent);
  const left = envelope - spent;
  box.querySelector("[data-fill]").setAttribute("width", share(Math.min(spent, envelope), whole));
  box.querySelector("[data-over]").setAttribute("x", share(envelope, whole));
  box.querySelector("[data-over]").setAttribute("width", share(Math.max(0, -left), whole));
  for (const end of ["x1", "x2"]) box.querySelector("[data-mark]").setAttribute(end, share(envelope, whole));
  box.querySelector("[data-spent]").textContent = SHOWN.format(spent);
  box.querySelector("[data-left]").textContent = left < 0 ? `超過 ${SHOWN.format(-left)}` : SHOWN.format(left);
  box.querySelector("[data-left-line]").classList.toggle("text-problem", left < 0);
  box.querySelector("[data-funded]").textContent = SHOWN.format(funded);
  box.querySelector("[data-fallen]").textContent = SHOWN.format(fallen);
}

/* Enter and the arrows go up and down in a column; leaving a cell sets its separators. */
function move(form, event) {
  const step = { Enter: 1, ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step || !event.target.matches("input[data-was]")) return;
  event.preventDefault();
  const row = event.target.closest("tr");
  const at = [...row.querySelectorAll("input[data-was]")].indexOf(event.target);
  const rows = [...form.querySelectorAll("tr[data-case]")];
  const next = rows[rows.indexOf(row) + step]?.querySelectorAll("input[data-was]")[at];
  if (next) { next.focus(); next.select(); }
}

for (const form of document.querySelectorAll("form[data-board]")) {
  form.dataset.autosave = form.dataset.board;
  form.board = new Board(form);
  form.addEventListener("input", (event) => { event.target.classList?.remove("is-new"); refresh(form); });
  form.addEventListener("keydown", (event) => move(form, event));
  form.addEventListener("focusout", (event) => {
    const amount = event.target.matches("input[data-was]") ? dollars(event.target.value) : null;
    if (amount !== null) event.target.value = SHOWN.format(amount);
  });
  refresh(form);
}
