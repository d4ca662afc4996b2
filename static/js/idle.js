/* The warning before the idle logout: a calm bar with a button that stays, shared by every open tab, without any polling.

   #idle-warning[data-idle="1800"][data-keep-url] with [data-idle-words], [data-idle-keep], [data-idle-login] (components/idle_warning.html).
   The server counts from its last request; what somebody does in the page counts as well, by one request at most in a third of that time. */

const bar = document.getElementById("idle-warning");
const words = bar.querySelector("[data-idle-words]");
const keepButton = bar.querySelector("[data-idle-keep]");
const login = bar.querySelector("[data-idle-login]");
const LIMIT = Number(bar.dataset.idle) * 1000;
const SLACK = Math.min(60000, LIMIT / 4); // the server notes a visit once a minute
const WARN = Math.min(5 * 60000, LIMIT / 3);
const KEY = `ipas:seen:${document.body.dataset.user}`;
let here = 0;
let timer = 0;
let back = null;
let asking = false;

function seen() {
  try { return Math.max(here, Number(localStorage.getItem(KEY)) || 0); } catch { return here; }
}

/* The server has just heard from this person. */
function touch() {
  here = Date.now();
  try { localStorage.setItem(KEY, String(here)); } catch { /* each tab counts for itself then */ }
  look();
}

function look() {
  clearTimeout(timer);
  const left = seen() + LIMIT - SLACK - Date.now();
  if (left <= 0) { over(); return; }
  if (left > WARN) { hide(); timer = setTimeout(look, left - WARN); return; }
  const minutes = Math.ceil(left / 60000);
  show(`您有一段時間沒有操作，${minutes > 1 ? `約 ${minutes} 分鐘後` : "不到 1 分鐘"}會為了安全自動登出。這一頁的內容不會清除。`, false);
  timer = setTimeout(look, left % 60000 || 60000);
}

function show(text, ended) {
  const opened = bar.hidden;
  bar.hidden = false;
  if (words.textContent !== text) words.textContent = text;
  keepButton.hidden = ended;
  login.hidden = !ended;
  if (!opened) return;
  back = document.activeElement;
  if (!back || back === document.body) keepButton.focus();
}

function hide() {
  if (bar.hidden) return;
  const inside = bar.contains(document.activeElement);
  bar.hidden = true;
  if (inside && back?.isConnected) back.focus();
}

function over() {
  show("您有一段時間沒有操作，為了安全已經登出。這一頁的內容還在：請在新分頁重新登入，再回到這裡繼續。", true);
}

async function keep() {
  if (asking) return;
  asking = true;
  try {
    const token = document.cookie.match(/(?:^|; )(?:__Host-|__Secure-)?csrftoken=([^;]+)/)?.[1] || "";
    const answer = await fetch(bar.dataset.keepUrl, {
      method: "POST", redirect: "manual", credentials: "same-origin", headers: { "X-CSRFToken": token, Accept: "application/json" },
    });
    if (answer.ok) touch();
    else over();
  } catch {
    show("目前連不上系統，這一頁的內容還在；恢復連線後請再按一次。", false);
  } finally {
    asking = false;
  }
}

keepButton.addEventListener("click", keep);
for (const kind of ["keydown", "pointerdown"]) {
  document.addEventListener(kind, (event) => {
    const passed = Date.now() - seen();
    if (!bar.contains(event.target) && passed > LIMIT / 3 && passed < LIMIT - SLACK) keep();
  }, { passive: true });
}
document.addEventListener("htmx:afterRequest", (event) => {
  const background = event.detail.requestConfig?.headers?.["X-Background"];
  if (event.detail.successful && !background) touch();
});
document.addEventListener("autosave:saved", touch);
window.addEventListener("storage", (event) => { if (event.key === KEY) look(); });
window.addEventListener("focus", look);
document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") look(); });
touch();
