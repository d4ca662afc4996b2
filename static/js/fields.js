/* The fields of a letter beside its texts (templates/documents/_fields.html): [data-field-list] names the texts that take them,
   data-kind the kind of letter that the row's <select name="…-kind"> chooses. The list of the text that has the cursor is open. */

const lists = [...document.querySelectorAll("[data-field-list]")];
let text = null;

const kindOf = (field) => field.closest("[data-row]")?.querySelector("select[name$='-kind']")?.value;
const listOf = (field) => lists.find((list) =>
  field.matches(list.dataset.fieldList) && (!list.dataset.kind || list.dataset.kind === kindOf(field)));

document.addEventListener("focusin", ({ target }) => {
  const list = listOf(target);
  if (!list) return;
  text = target;
  for (const one of lists) { one.hidden = one !== list; one.open = one === list; }
  list.classList.add("is-following");
});

function insert(list, button) {
  const says = list.querySelector("[role=status]");
  if (!text?.isConnected || listOf(text) !== list) {
    says.textContent = "請先點一下要放的文字，再選欄位。";
    return;
  }
  let words = `{${button.dataset.insert}}`;
  text.focus();
  if ("alone" in button.dataset) {
    if (text.selectionStart && text.value[text.selectionStart - 1] !== "\n") words = `\n${words}`;
    if ((text.value[text.selectionEnd] ?? "\n") !== "\n") words += "\n";
  }
  document.execCommand("insertText", false, words); // so that Ctrl+Z takes it back
  says.textContent = `已放入 ${words.trim()}`;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-insert]");
  if (button) insert(button.closest("[data-field-list]"), button);
});

document.addEventListener("keydown", (event) => {
  if (event.altKey && event.key === "ArrowDown" && event.target === text) {
    const first = listOf(text)?.querySelector("[data-insert]");
    if (first) { event.preventDefault(); first.focus(); }
    return;
  }
  const button = event.target.closest?.("[data-insert]");
  if (!button) return;
  if (event.key === "Escape") text?.focus();
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const all = [...button.closest("[data-field-list]").querySelectorAll("[data-insert]")];
  all[(all.indexOf(button) + step + all.length) % all.length].focus();
});
