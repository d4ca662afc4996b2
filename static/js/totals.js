/* Live totals of a table while one types. The server's figures remain the true ones.

   [data-totals] holds rows [data-row]; in a row
     <input data-field="quantity">                          what is typed
     <output data-field="cost" data-calc="quantity * unit_price * months">   what follows (+, - and * only)
   anywhere in [data-totals]
     <output data-sum="subsidy" data-where="account=wage">  a column's sum (only rows whose field has that value)
     <output data-room-of="subsidy" data-cap="520000">      cap minus sum, in words when it is passed
     <output data-room-of="subsidy" data-cap-of="cost" data-ratio="1/2" data-where="account=wage">  share of another column, rounded down
     data-hide-ok on a parent [data-room-line] hides the line while there is room.
*/

const SHOWN = new Intl.NumberFormat("en-US", { maximumFractionDigits: 2 });

export function number(text) {
  const value = Number(String(text ?? "").normalize("NFKC").replace(/[,\s]/g, ""));
  return Number.isFinite(value) ? value : 0;
}

function value(row, name) {
  const field = row.querySelector(`[data-field="${name}"]`);
  if (!field) return number(name);
  return number("value" in field && field.tagName !== "OUTPUT" ? field.value : field.dataset.value ?? field.textContent);
}

/* "a * b + c - d" without eval. */
function calculate(row, expression) {
  return expression.split(/(?=[+-])/).reduce((sum, term) => {
    const sign = term.trim().startsWith("-") ? -1 : 1;
    const product = term.replace(/^[\s+-]+/, "").split("*").reduce((all, name) => all * value(row, name.trim()), 1);
    return sum + sign * product;
  }, 0);
}

function show(out, amount) {
  const whole = Math.floor(amount + 1e-7);
  out.dataset.value = whole;
  const text = SHOWN.format(whole);
  if (out.textContent !== text) out.textContent = text;
}

function chosen(row, where) {
  if (!where) return true;
  const [name, wanted] = where.split("=");
  const field = row.querySelector(`[data-field="${name}"]`);
  return String(field ? field.value ?? field.dataset.value : row.dataset[name]) === wanted;
}

export function refresh(box) {
  const rows = [...box.querySelectorAll("[data-row]")].filter((row) => !row.hidden);
  const sum = (name, where) => rows.filter((row) => chosen(row, where)).reduce((all, row) => all + value(row, name), 0);
  for (const row of rows) for (const out of row.querySelectorAll("[data-calc]")) show(out, calculate(row, out.dataset.calc));
  for (const out of box.querySelectorAll("[data-sum]")) show(out, sum(out.dataset.sum, out.dataset.where));
  for (const out of box.querySelectorAll("[data-room-of]")) {
    const { roomOf, where, cap, capOf, ratio } = out.dataset;
    const [top, bottom] = (ratio || "1/1").split("/").map(Number);
    const limit = capOf ? Math.floor((sum(capOf, where) * top) / bottom + 1e-7) : number(cap);
    const room = limit - sum(roomOf, where);
    out.dataset.value = room;
    out.textContent = room < 0 ? `超過 ${SHOWN.format(-room)}` : `尚餘 ${SHOWN.format(room)}`;
    out.classList.toggle("text-problem", room < 0);
    const line = out.closest("[data-room-line][data-hide-ok]");
    if (line) line.hidden = room >= 0;
  }
}

for (const box of document.querySelectorAll("[data-totals]")) {
  const again = () => refresh(box);
  box.addEventListener("input", again);
  box.addEventListener("change", again);
  box.addEventListener("rows:changed", again);
  document.addEventListener("totals:refresh", again);
  refresh(box);
}
