/* A page rendered from a draft: what would lead away or save something does nothing. Questions (GET forms) still answer. */

const inside = (element) => element.closest("#main") && !element.closest(".preview-bar");

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  if (link && inside(link) && !link.getAttribute("href").startsWith("#")) event.preventDefault();
}, true);

document.addEventListener("submit", (event) => {
  if (inside(event.target) && event.target.method !== "get") event.preventDefault();
}, true);
