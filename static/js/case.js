/* A section that has just been saved by hand: this browser's own copy of it is no longer needed. Runs before autosave.js. */

for (const mark of document.querySelectorAll("[data-forget-draft]")) {
  try {
    const prefix = `ipas:draft:${document.body.dataset.user || "-"}:${mark.dataset.forgetDraft}`;
    for (const key of JSON.parse(sessionStorage.getItem("ipas:sent") || "[]")) {
      if (key.startsWith(prefix)) localStorage.removeItem(key);
    }
    sessionStorage.removeItem("ipas:sent");
  } catch { /* storage is not allowed: then there is nothing to forget */ }
}

// The address that told us so is not one to bookmark or to reload.
const here = new URL(location.href);
if (here.searchParams.has("saved")) {
  here.searchParams.delete("saved");
  history.replaceState(null, "", here);
}
