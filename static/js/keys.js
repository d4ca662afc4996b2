/* Keyboard of lists and checklists; can be switched off (WCAG 2.1.4) with [data-keys-toggle], remembered in the browser.

   <table data-keys>: j/k (or arrows when a row is marked) move, Enter opens the row's first link, x picks its box, "/" searches.
   [data-key-scope]: items of a checklist; j/k move between them, a letter presses [data-key="letter"] inside the present item.
   [data-key] outside a scope is pressed from anywhere on the page.
*/

const STORE = "ipas:keys";
const off = () => { try { return localStorage.getItem(STORE) === "off"; } catch { return false; } };
const typing = (target) => target.closest?.("input:not([type=checkbox]):not([type=radio]):not([type=range]), textarea, select, [contenteditable], dialog");

const table = document.querySelector("[data-keys]");
const place = `ipas:row:${location.pathname}${location.search}`;
const items = () => table
  ? [...table.querySelectorAll("tbody tr")].filter((row) => row.querySelector("a[href], input"))
  : [...document.querySelectorAll("[data-key-scope]")];

let cursor = -1;
function mark(index, move = true) {
  const list = items();
  if (!list.length) return;
  cursor = Math.max(0, Math.min(index, list.length - 1));
  list.forEach((item, n) => item.classList.toggle("is-cursor", n === cursor));
  const item = list[cursor];
  if (!move) return;
  item.scrollIntoView({ block: "nearest" });
  if (table) item.querySelector("a[href]")?.focus({ preventScroll: true });
  else { if (!item.hasAttribute("tabindex")) item.tabIndex = -1; item.focus({ preventScroll: true }); }
  try { sessionStorage.setItem(place, cursor); } catch { /* not kept */ }
}

function present() {
  const list = items();
  const held = list.findIndex((item) => item.contains(document.activeElement));
  return held >= 0 ? held : cursor;
}

document.addEventListener("keydown", (event) => {
  if (off() || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typing(event.target)) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (key === "/") {
    const search = document.querySelector("[data-search], input[name=q], input[type=search]");
    if (search) { event.preventDefault(); search.focus(); search.select(); }
    return;
  }
  if (key === "j" || key === "k") {
    if (!items().length) return;
    event.preventDefault();
    mark(present() + (key === "j" ? 1 : -1));
    return;
  }
  const list = items();
  const item = list[present()];
  if (key === "Enter" && table && item && !event.target.closest("a, button, summary, input")) {
    item.querySelector("a[href]")?.click();
    return;
  }
  if (key === "x" && table && item) {
    const box = item.querySelector("input[type=checkbox]");
    if (box) { event.preventDefault(); box.click(); }
    return;
  }
  const inside = !table && item?.querySelector(`[data-key="${CSS.escape(key)}"]`);
  const anywhere = [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)].find((one) => !one.closest("[data-key-scope]"));
  const button = inside || anywhere;
  if (button && !button.disabled) { event.preventDefault(); button.click(); }
});

for (const toggle of document.querySelectorAll("[data-keys-toggle]")) {
  const show = () => { toggle.textContent = off() ? "開啟快速鍵" : "關閉快速鍵"; toggle.setAttribute("aria-pressed", String(!off())); };
  toggle.addEventListener("click", () => {
    try { localStorage.setItem(STORE, off() ? "on" : "off"); } catch { /* stays on */ }
    show();
  });
  show();
}

// Coming back to a list: the row one had opened is marked again.
if (table) {
  try {
    const kept = sessionStorage.getItem(place);
    if (kept !== null) mark(Number(kept), false);
  } catch { /* nothing kept */ }
  table.addEventListener("click", (event) => {
    const index = items().findIndex((row) => row.contains(event.target));
    if (index >= 0) mark(index, false);
    try { if (index >= 0) sessionStorage.setItem(place, index); } catch { /* not kept */ }
  });
}
