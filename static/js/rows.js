/* Editing a table of a Django formset: add, remove, renumber, paste from a spreadsheet, move by the keyboard.

   <div data-rows="trainees" data-max="60">  (management form inside)
     <tbody data-rows-body> <tr data-row> … <button type="button" data-row-remove> </tr> </tbody>
     <template data-rows-template> <tr data-row> … names with __prefix__ … </tr> </template>
     <button type="button" data-row-add>
     <p data-rows-status aria-live="polite"></p>
   </div>
*/

const FIELDS = "input:not([type=hidden]):not([type=file]):not([readonly]), select, textarea";

export class Rows {
  constructor(box) {
    this.box = box;
    this.prefix = box.dataset.rows;
    this.max = Number(box.dataset.max || 1000);
    this.body = box.querySelector("[data-rows-body]");
    this.template = box.querySelector("template[data-rows-template]");
    this.total = this.management("TOTAL_FORMS");
    box.addEventListener("click", (event) => {
      if (event.target.closest("[data-row-add]")) { event.preventDefault(); this.add(true); }
      const up = event.target.closest("[data-row-up]");
      if (up) { event.preventDefault(); this.up(up.closest("[data-row]")); }
      const remove = event.target.closest("[data-row-remove]");
      if (remove) { event.preventDefault(); this.remove(remove.closest("[data-row]")); }
    });
    box.addEventListener("paste", (event) => this.paste(event));
    box.addEventListener("keydown", (event) => this.key(event));
    box.closest("form")?.addEventListener("rows:ensure", (event) => {
      if (event.detail.prefix === this.prefix) while (this.all().length < event.detail.total && this.add(false));
    });
  }

  management(name) {
    const field = `${this.prefix}-${name}`;
    return this.box.querySelector(`[name="${field}"]`) || this.box.closest("form")?.elements[field];
  }

  all() { return [...this.body.querySelectorAll("[data-row]")]; }
  shown() { return this.all().filter((row) => !row.hidden); }
  fields(row) { return [...row.querySelectorAll(FIELDS)].filter((field) => !field.name.endsWith("-DELETE") && !field.disabled); }

  add(focus) {
    if (this.shown().length >= this.max) { this.say(`最多 ${this.max} 列。`); return null; }
    const index = this.all().length;
    const holder = document.createElement("template");
    holder.innerHTML = this.template.innerHTML.replaceAll("__prefix__", index).trim();
    const row = holder.content.querySelector("[data-row]");
    this.body.append(row);
    this.renumber();
    window.htmx?.process(row);
    if (focus) this.fields(row)[0]?.focus();
    this.changed();
    return row;
  }

  remove(row) {
    const index = this.all().indexOf(row);
    const initial = Number(this.management("INITIAL_FORMS")?.value || 0);
    const mark = row.querySelector('[name$="-DELETE"]');
    const near = this.shown();
    const next = near[near.indexOf(row) + 1] || near[near.indexOf(row) - 1];
    if (index < initial && mark) { mark.type === "checkbox" ? (mark.checked = true) : (mark.value = "on"); row.hidden = true; }
    else row.remove();
    this.renumber();
    this.say("已移除一列。");
    (next ? this.fields(next)[0] : this.box.querySelector("[data-row-add]"))?.focus();
    this.changed();
  }

  up(row) {
    const near = this.shown();
    const above = near[near.indexOf(row) - 1];
    if (!above) return;
    above.before(row);
    this.renumber();
    row.querySelector("[data-row-up]")?.focus();
    this.say("已上移一列。");
    this.changed();
  }

  renumber() {
    const pattern = new RegExp(`(^|[#\\s])((?:id_)?${this.prefix.replace(/[^\w]/g, "\\$&")}-)\\d+(?=-)`, "g");
    let number = 0;
    this.all().forEach((row, index) => {
      if (!row.hidden) number += 1;
      for (const element of row.querySelectorAll("*")) {
        for (const attribute of ["name", "id", "for", "aria-describedby", "aria-labelledby", "href", "data-mirror"]) {
          const value = element.getAttribute(attribute);
          if (value) element.setAttribute(attribute, value.replace(pattern, `$1$2${index}`));
        }
      }
      for (const out of row.querySelectorAll("[data-row-number]")) out.textContent = number;
    });
    this.total.value = this.all().length;
  }

  /* A block copied from a spreadsheet fills from this cell to the right and down, adding rows. */
  paste(event) {
    const text = event.clipboardData?.getData("text/plain") ?? "";
    const here = event.target.closest("[data-row]");
    if (!here || !/[\t\n]/.test(text.replace(/[\r\n]+$/, "")) || event.target.matches("textarea")) return;
    event.preventDefault();
    const table = parseTable(text);
    const column = this.fields(here).indexOf(event.target);
    let row = here;
    let filled = 0;
    const refused = [];
    for (const [number, values] of table.entries()) {
      if (number > 0) row = this.shown()[this.shown().indexOf(row) + 1] || this.add(false);
      if (!row) { refused.push(`第 ${number + 1} 列起沒有貼上`); break; }
      const fields = this.fields(row);
      values.forEach((value, offset) => {
        const field = fields[column + offset];
        if (field && !put(field, value)) refused.push(`第 ${this.shown().indexOf(row) + 1} 列「${value}」不在選項中`);
      });
      filled += 1;
    }
    this.say(`已貼上 ${filled} 列。${refused.slice(0, 5).join("；")}${refused.length > 5 ? `…等 ${refused.length} 處` : ""}`);
    this.changed();
  }

  key(event) {
    const field = event.target;
    if (!field.matches("input:not([type=checkbox]):not([type=radio])") || event.isComposing || event.altKey || event.ctrlKey || event.metaKey) return;
    const step = { ArrowUp: -1, ArrowDown: 1, Enter: 1 }[event.key];
    const row = field.closest("[data-row]");
    if (!step || !row || field.getAttribute("list")) return;
    event.preventDefault();
    const rows = this.shown();
    const column = this.fields(row).indexOf(field);
    let target = rows[rows.indexOf(row) + step];
    if (!target && event.key === "Enter") target = this.add(false);
    const next = target && this.fields(target)[column];
    next?.focus();
    next?.select?.();
  }

  say(words) {
    const out = this.box.querySelector("[data-rows-status]");
    if (out) out.textContent = words;
  }

  changed() {
    this.box.dispatchEvent(new CustomEvent("rows:changed", { bubbles: true }));
  }
}

/* Tab-separated text with quoted cells, as spreadsheets copy it. */
export function parseTable(text) {
  const rows = [[]];
  let cell = "";
  let quoted = false;
  const source = text.replace(/\r\n?/g, "\n").replace(/\n+$/, "");
  for (let i = 0; i < source.length; i += 1) {
    const c = source[i];
    if (quoted) {
      if (c === '"' && source[i + 1] === '"') { cell += '"'; i += 1; }
      else if (c === '"') quoted = false;
      else cell += c;
    } else if (c === '"' && cell === "") quoted = true;
    else if (c === "\t" || c === "\n") {
      rows.at(-1).push(cell.trim());
      cell = "";
      if (c === "\n") rows.push([]);
    } else cell += c;
  }
  rows.at(-1).push(cell.trim());
  return rows;
}

function put(field, value) {
  let known = true;
  if (field.type === "checkbox") field.checked = /^(是|有|v|✓|y|yes|true|1)$/i.test(value);
  else if (field.tagName === "SELECT") {
    const option = [...field.options].find((one) => one.text.trim() === value || one.value === value);
    known = Boolean(option) || value === "";
    if (option) field.value = option.value;
  } else if (field.type === "number" || field.classList.contains("num")) field.value = value.normalize("NFKC").replace(/[,\s]/g, "");
  else field.value = value;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.dispatchEvent(new Event("change", { bubbles: true }));
  return known;
}

for (const box of document.querySelectorAll("[data-rows]")) box.rows = new Rows(box);
