/* What every page needs: focus on the error summary, menus that close, buttons that work once, questions before removal. */

document.documentElement.classList.add("has-js");

function focusSummary(root) {
  const summary = root.querySelector?.("[data-autofocus]");
  if (summary) summary.focus();
}

focusSummary(document);
document.addEventListener("htmx:afterSwap", (event) => focusSummary(event.detail.elt));

// The user menu closes on Escape and on a click elsewhere.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// More than the server reads in one request is not sent: the words stay in the page, and a bar says what to do.
function tooMuch(form) {
  const { mostFields, mostBytes } = document.body.dataset;
  const texts = [...new FormData(form)].filter(([, value]) => typeof value === "string");
  return texts.length > Number(mostFields || Infinity) || new Blob([new URLSearchParams(texts)]).size > Number(mostBytes || Infinity);
}
document.addEventListener("submit", (event) => {
  const form = event.target;
  form.querySelector(":scope > [data-too-much]")?.remove();
  if (event.defaultPrevented || form.getAttribute("method")?.toLowerCase() !== "post" || !tooMuch(form)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const box = document.createElement("div");
  box.className = "banner is-problem";
  box.dataset.tooMuch = "";
  box.tabIndex = -1;
  box.setAttribute("role", "alert");
  const fields = Number(document.body.dataset.mostFields).toLocaleString("en");
  box.textContent = `這一頁的內容超過系統一次能接收的量（${fields} 個欄位，文字合計 ${Math.floor(document.body.dataset.mostBytes / 1048576)} MB），沒有送出。您填的內容都還在這一頁，請減少列數或縮短文字，再按一次。`;
  form.prepend(box);
  box.focus();
}, true);

// A login in another tab renews the token: a form that was open before it is sent with the new one.
document.addEventListener("submit", (event) => {
  const token = document.cookie.match(/(?:^|; )(?:__Host-|__Secure-)?csrftoken=([^;]+)/)?.[1];
  const field = event.target.querySelector("input[name=csrfmiddlewaretoken]");
  if (token && field) field.value = token;
}, true);

// <form data-confirm="question"> asks; <form data-once> ignores a second click (the server is idempotent as well).
document.addEventListener("submit", (event) => {
  const form = event.target;
  const question = event.submitter?.dataset.confirm || form.dataset.confirm;
  if (question && !window.confirm(question)) {
    event.preventDefault();
    return;
  }
  if (form.dataset.once === undefined || event.defaultPrevented) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "1";
  event.submitter?.setAttribute("aria-busy", "true");
});

// Coming back by the browser's history: the form may be sent again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
  }
});

// <select data-submit> in a filter form applies at once.
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submit]")) event.target.form?.requestSubmit();
});

// [data-print] prints; [data-copy="text"] copies and says so.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-print], [data-copy]");
  if (!button) return;
  if (button.dataset.print !== undefined) {
    window.print();
    return;
  }
  await navigator.clipboard.writeText(button.dataset.copy);
  const words = button.textContent;
  button.textContent = "已複製";
  setTimeout(() => { button.textContent = words; }, 1500);
});

// <input type="range" data-mirror="#id"> and its number field keep the same value.
document.addEventListener("input", (event) => {
  const source = event.target;
  const mirrors = source.dataset.mirror
    ? document.querySelectorAll(source.dataset.mirror)
    : source.id ? document.querySelectorAll(`[data-mirror="#${CSS.escape(source.id)}"]`) : [];
  for (const mirror of mirrors) {
    if (mirror.value === source.value) continue;
    mirror.value = source.value;
    mirror.dispatchEvent(new Event("input", { bubbles: true }));
  }
});

// Bulk work (components/pick_all.html): [data-check-all="case"] picks every box of that name; [data-picked] shows how many of
// [data-pickable]; [data-bulk-bar] is shown while something is picked.
function countPicked(form) {
  const boxes = [...form.querySelectorAll("tbody input[type=checkbox]")];
  const picked = boxes.filter((box) => box.checked);
  for (const box of boxes) box.closest("tr")?.classList.toggle("is-picked", box.checked);
  for (const out of form.querySelectorAll("[data-picked]")) out.textContent = picked.length;
  for (const out of form.querySelectorAll("[data-pickable]")) out.textContent = boxes.length;
  for (const bar of form.querySelectorAll("[data-bulk-bar]")) bar.hidden = picked.length === 0;
  for (const all of form.querySelectorAll("[data-check-all]")) {
    all.disabled = boxes.length === 0;
    all.checked = boxes.length > 0 && picked.length === boxes.length;
    all.indeterminate = picked.length > 0 && picked.length < boxes.length;
  }
}
document.addEventListener("change", (event) => {
  const form = event.target.form;
  if (event.target.type !== "checkbox" || !form?.querySelector("[data-check-all]")) return;
  const name = event.target.dataset.checkAll;
  if (name) for (const box of form.querySelectorAll(`input[name="${CSS.escape(name)}"]`)) box.checked = event.target.checked;
  countPicked(form);
}, true); // before the form's own listeners, which may count what is picked
for (const all of document.querySelectorAll("[data-check-all]")) if (all.form) countPicked(all.form);
