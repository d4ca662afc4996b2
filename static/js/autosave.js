/* Saves a form on every pause and on leaving, and never loses a word. The protocol is in docs/design-system.md.

   <form method="post" data-autosave="/cases/1/plan/autosave" data-version="3">
*/

const PAUSE = 800;
const KEEPALIVE_LIMIT = 60000; // browsers refuse larger bodies while a page is being left
const RETRY = 15000;
const SKIP = new Set(["csrfmiddlewaretoken", "version", "tab", "draft"]);
const COPIES = 20; // of one form in this browser, one for each open page
const TAB = crypto.randomUUID?.() ?? String(Math.random()).slice(2);

const clock = () => new Date().toLocaleTimeString("zh-TW", { hour: "2-digit", minute: "2-digit", hour12: false });

function csrfToken(form) {
  const match = document.cookie.match(/(?:^|; )(?:__Host-|__Secure-)?csrftoken=([^;]+)/);
  const field = form.querySelector("[name=csrfmiddlewaretoken]");
  // A login in another tab renews the token: hand the new one to every form of the page.
  if (match) for (const one of document.querySelectorAll("[name=csrfmiddlewaretoken]")) one.value = match[1];
  return match ? match[1] : field?.value ?? "";
}

export class Autosave {
  constructor(form) {
    this.form = form;
    this.url = form.dataset.autosave;
    // One copy for each open page, so that no page writes over what another one keeps.
    this.prefix = `ipas:draft:${document.body.dataset.user || "-"}:${this.url}`;
    this.tab = form.elements.tab?.value || TAB;
    this.key = `${this.prefix}#${this.tab}`;
    this.restored = "";
    this.state = "clean"; // clean · dirty · saving · trouble · conflict
    this.edits = 0;
    this.sent = 0;
    this.leaving = false;
    form.addEventListener("input", (event) => this.edited(event));
    form.addEventListener("change", (event) => this.edited(event));
    form.addEventListener("rows:changed", () => this.edited());
    form.addEventListener("focusout", () => { if (this.pending()) this.soon(50); });
    form.addEventListener("submit", (event) => {
      if (event.defaultPrevented) return;
      this.leaving = true;
      clearTimeout(this.timer);
      csrfToken(form);
      this.keep(); // should the submission meet a login page, the words are still here
      this.markSent();
    });
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden") this.leave();
      else if (this.pending()) this.save();
    });
    window.addEventListener("pagehide", () => this.leave());
    window.addEventListener("pageshow", () => { this.leaving = false; });
    window.addEventListener("online", () => { if (this.pending()) this.save(); });
    window.addEventListener("focus", () => { if (this.state === "trouble") this.save(); });
    window.addEventListener("beforeunload", (event) => {
      if (!this.leaving && this.pending() && (this.state === "trouble" || this.state === "conflict")) event.preventDefault();
    });
    document.addEventListener("click", (event) => this.resolve(event));
    this.offerDraft();
  }

  pending() { return this.edits > this.sent; }

  edited(event) {
    if (event?.target?.type === "file" || event?.target?.dataset?.autosaveSkip !== undefined) return;
    this.edits += 1;
    if (this.state === "conflict") { this.keep(); return; }
    if (this.state !== "trouble") this.say("尚未儲存", "dirty");
    else this.keep();
    this.soon(PAUSE);
  }

  soon(after) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), after);
  }

  entries() {
    return [...new FormData(this.form)].filter(([name, value]) => typeof value === "string" && !SKIP.has(name));
  }

  request() {
    const token = csrfToken(this.form);
    const body = new URLSearchParams(this.entries());
    body.set("csrfmiddlewaretoken", token);
    body.set("version", this.form.dataset.version ?? "");
    if (this.form.elements.draft) body.set("draft", this.form.elements.draft.value);
    return fetch(this.url, {
      method: "POST",
      body,
      keepalive: body.toString().length < KEEPALIVE_LIMIT, // goes on when the page is left
      redirect: "manual", // a redirect can only lead to the login page
      credentials: "same-origin",
      headers: { "X-Autosave": "1", "X-Autosave-Tab": this.tab, "X-CSRFToken": token, Accept: "application/json" },
    });
  }

  async save() {
    clearTimeout(this.timer);
    if (this.leaving || this.state === "conflict" || !this.pending()) return;
    if (this.saving) return; // the running request looks again when it ends
    this.saving = true;
    const edits = this.edits;
    this.savingEdits = edits;
    if (this.state !== "trouble") this.say("儲存中…", "saving");
    try {
      const response = await this.request();
      const json = (response.headers.get("Content-Type") || "").includes("json");
      const data = json ? await response.json() : {};
      this.handle(response, data, edits);
    } catch {
      this.trouble("offline", "目前連不上系統，您填的內容先保留在這台電腦上，恢復連線後會自動儲存。");
    } finally {
      this.saving = false;
      this.savingEdits = -1;
      if (this.pending() && (this.state === "clean" || this.state === "dirty")) this.soon(PAUSE);
    }
  }

  handle(response, data, edits) {
    if (data.version !== undefined && data.status !== "conflict") this.setVersion(data.version);
    if (data.status === "saved" || data.status === "kept") {
      this.sent = edits;
      this.state = "clean";
      this.bar(null);
      if (!this.pending()) this.forget();
      this.fragments(data.fragments);
      const at = data.saved_at || clock();
      if (data.status === "saved") this.say(`已儲存 ${at}`, "saved");
      else this.say(`已保留草稿 ${at}，有資料需修正`, "kept");
      this.form.dispatchEvent(new CustomEvent("autosave:saved", { bubbles: true, detail: data }));
    } else if (response.status === 409 || data.status === "conflict") {
      this.state = "conflict";
      this.keep();
      this.say("需要您確認", "kept");
      this.fragments(data.fragments, true);
      if (!Object.keys(data.fragments || {}).length) this.bar("這一節剛才有別人改過。您填的內容已保留，請重新整理後再決定。", "重新整理", location.href);
    } else if (response.status === 413) {
      this.tooLarge(data.limit);
    } else if (response.status === 401 || response.status === 403 || response.type === "opaqueredirect") {
      this.trouble("login", "登入已經過期，您填的內容先保留在這台電腦上。請在新分頁登入，回到這裡就會自動儲存。", "重新登入", data.url || "/accounts/login/");
    } else {
      this.trouble("offline", "系統暫時無法儲存，您填的內容先保留在這台電腦上，稍後會再試。");
    }
  }

  trouble(kind, words, link, url) {
    this.state = "trouble";
    this.keep();
    this.say(`未存入系統，已保留在這台電腦（${clock()}）`, "offline");
    this.bar(words, link, url);
    if (kind === "offline") this.soon(RETRY);
  }

  /* Sending the same again would be refused again: it is tried once something has been changed. */
  tooLarge(limit) {
    this.sent = this.edits;
    this.state = "dirty";
    this.keep();
    this.say("內容太多，沒有存入系統", "offline");
    this.bar(`這一頁的內容超過系統一次能接收的量${limit ? `（${limit}）` : ""}，還沒有存入系統；您填的內容先保留在這台電腦上。請減少列數或縮短文字，改好就會自動儲存。`);
  }

  leave() {
    if (this.leaving || !this.pending() || this.state === "conflict") return;
    this.keep();
    if (document.visibilityState !== "hidden" || this.leftWith === this.edits || this.savingEdits === this.edits) return;
    clearTimeout(this.timer);
    const edits = this.edits;
    this.leftWith = edits;
    this.request()
      .then(async (response) => this.handle(response, await response.json().catch(() => ({})), edits))
      .catch(() => { this.leftWith = -1; });
  }

  setVersion(version) {
    this.form.dataset.version = version;
    for (const field of this.form.querySelectorAll("input[type=hidden][name=version]")) field.value = version;
  }

  /* Replace elements by selector; what is being typed in is left alone. */
  fragments(map, force = false) {
    for (const [selector, html] of Object.entries(map || {})) {
      const old = document.querySelector(selector);
      if (!old || (!force && old.contains(document.activeElement) && document.activeElement.matches("input, textarea, select"))) continue;
      const box = document.createElement("template");
      box.innerHTML = html.trim();
      const fresh = box.content.firstElementChild;
      if (!fresh) continue;
      old.replaceWith(fresh);
      window.htmx?.process(fresh);
      if (force) { fresh.tabIndex = -1; fresh.focus(); }
    }
  }

  /* Buttons of a conflict's fragment: data-autosave-resolve="mine" data-version="7" · "theirs". */
  resolve(event) {
    const button = event.target.closest("[data-autosave-resolve]");
    if (!button || this.state !== "conflict") return;
    event.preventDefault();
    if (button.dataset.autosaveResolve === "theirs") {
      this.forget();
      this.leaving = true;
      location.reload();
      return;
    }
    this.setVersion(button.dataset.version);
    this.state = "dirty";
    this.edits += 1;
    const box = button.closest("[data-conflict]");
    if (box) box.replaceChildren();
    this.save();
  }

  say(words, state) {
    for (const out of document.querySelectorAll("[data-save-status]")) {
      out.textContent = words;
      out.dataset.state = state;
    }
  }

  bar(words, link, url, actions = []) {
    this.box?.remove();
    this.box = null;
    if (!words) return;
    const box = document.createElement("div");
    box.className = "banner is-mine save-bar";
    box.setAttribute("role", "status");
    const body = document.createElement("div");
    body.className = "banner-body";
    body.append(words, " ");
    if (link) {
      const a = document.createElement("a");
      a.href = url;
      a.textContent = link;
      if (url !== location.href) { a.target = "_blank"; a.rel = "opener"; }
      body.append(a);
    }
    for (const [label, act, primary] of actions) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = `btn btn-sm ${primary ? "btn-primary" : "btn-secondary"} ms-2`;
      button.textContent = label;
      button.addEventListener("click", act);
      body.append(button);
    }
    box.append(body);
    this.form.append(box);
    this.box = box;
  }

  keep() {
    try {
      localStorage.setItem(this.key, JSON.stringify({ at: clock(), day: new Date().toDateString(), time: Date.now(), entries: this.entries() }));
    } catch { /* no room or not allowed: the server's copy is all there is */ }
  }

  forget(keys = [this.key, this.restored]) {
    try { for (const key of keys) localStorage.removeItem(key); } catch { /* as above */ }
  }

  /* What is being sent by hand; case.js forgets it once the page that follows says that it was saved. */
  markSent() {
    try { sessionStorage.setItem("ipas:sent", JSON.stringify([this.key, this.restored])); } catch { /* as above */ }
  }

  /* The copies of this form, newest first: [key, copy]. */
  copies() {
    const found = [];
    try {
      for (const key of Object.keys(localStorage)) {
        if (key !== this.prefix && !key.startsWith(`${this.prefix}#`)) continue;
        try { found.push([key, JSON.parse(localStorage.getItem(key))]); } catch { localStorage.removeItem(key); }
      }
    } catch { /* storage is not allowed: nothing to offer */ }
    return found.sort((one, other) => (other[1].time || 0) - (one[1].time || 0));
  }

  offerDraft() {
    const here = JSON.stringify(this.entries());
    const copies = this.copies().filter(([key, copy]) => {
      const same = JSON.stringify(copy.entries) === here;
      if (same) this.forget([key]);
      return !same;
    });
    this.forget(copies.slice(COPIES).map(([key]) => key));
    if (!copies.length) { this.bar(null); return; }
    const [key, copy] = copies[0];
    const day = copy.day === new Date().toDateString() ? "" : "先前 ";
    const more = copies.length > 1 ? `，另外還有 ${copies.length - 1} 份較早的` : "";
    this.bar(`這台電腦上有一份還沒存進系統的內容（${day}${copy.at}）${more}。`, "", "", [
      ["放回表單", () => { this.restored = key; this.restore(copy.entries); }, true],
      ["不需要", () => { this.forget([key]); this.offerDraft(); }, false],
    ]);
  }

  restore(entries) {
    const values = new Map();
    for (const [name, value] of entries) values.set(name, [...(values.get(name) || []), value]);
    for (const [name, [total]] of values) {
      if (!name.endsWith("-TOTAL_FORMS")) continue;
      this.form.dispatchEvent(new CustomEvent("rows:ensure", { detail: { prefix: name.slice(0, -"-TOTAL_FORMS".length), total: Number(total) } }));
    }
    for (const field of this.form.elements) {
      if (!field.name || SKIP.has(field.name) || field.type === "file" || /-(TOTAL|INITIAL|MIN_NUM|MAX_NUM)(_FORMS)?$/.test(field.name)) continue;
      const wanted = values.get(field.name);
      if (field.type === "checkbox" || field.type === "radio") field.checked = Boolean(wanted?.includes(field.value));
      else if (field.multiple) for (const option of field.options) option.selected = Boolean(wanted?.includes(option.value));
      else if (wanted) field.value = wanted.shift();
    }
    this.bar(null);
    this.form.dispatchEvent(new CustomEvent("totals:refresh", { bubbles: true }));
    this.edits += 1;
    this.save();
  }
}

for (const form of document.querySelectorAll("form[data-autosave]")) form.autosave = new Autosave(form);
