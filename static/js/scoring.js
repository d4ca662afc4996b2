/* The score sheet while one scores: slider and number keep step, points and totals follow. The server's figures stay the true ones.

   form[data-scoring][data-scale="100"] holds
     [data-criterion data-weight="40"] with input[data-score], input[type=range][data-slider], output[data-points]
     [data-amount data-requested="400000"] inputs, output[data-amount-sum]
   [data-total-figure], [data-total-count] anywhere in the page show the weighted total.
*/

const half = (text) => String(text ?? "").normalize("NFKC").replace(/[\s,]/g, "");

/* Tenths of a point as an integer, null while it is no valid score. */
function tenths(text, scale) {
  const match = half(text).match(/^(\d{1,6})(?:\.(\d))?$/);
  if (!match) return null;
  const value = Number(match[1]) * 10 + Number(match[2] ?? 0);
  return value <= scale * 10 ? value : null;
}

/* Two decimals, half up, from whole numbers only: 四捨五入 as the server does it. */
function twoDecimals(numerator, denominator) {
  const hundredths = Math.floor((2 * numerator * 100 + denominator) / (2 * denominator));
  return `${Math.floor(hundredths / 100)}.${String(hundredths % 100).padStart(2, "0")}`;
}

const shown = (value) => (value % 10 ? `${Math.floor(value / 10)}.${value % 10}` : String(value / 10));

function setUp(form) {
  const scale = Number(form.dataset.scale);
  const blocks = [...form.querySelectorAll("[data-criterion]")];
  const amounts = [...form.querySelectorAll("[data-amount]")];

  function refresh(moved) {
    let sum = 0;
    let count = 0;
    for (const block of blocks) {
      const field = block.querySelector("[data-score]");
      const slider = block.querySelector("[data-slider]");
      const value = tenths(field.value, scale);
      if (slider && slider !== moved) slider.value = value === null ? 0 : value / 10;
      slider?.classList.toggle("is-unset", value === null);
      if (slider) slider.setAttribute("aria-valuetext", value === null ? "尚未評分" : `${shown(value)} 分`);
      const points = block.querySelector("[data-points]");
      const product = (value ?? 0) * Number(block.dataset.weight);
      if (points) points.textContent = value === null ? "—" : twoDecimals(product, 10 * scale);
      if (value !== null) { sum += product; count += 1; }
    }
    for (const out of document.querySelectorAll("[data-total-figure]")) out.textContent = twoDecimals(sum, 10 * scale);
    for (const out of document.querySelectorAll("[data-total-count]")) out.textContent = count;
    let total = 0;
    for (const field of amounts) {
      const typed = half(field.value);
      const value = /^\d{1,13}$/.test(typed) ? Number(typed) : 0;
      total += value;
      field.closest("tr")?.classList.toggle("is-problem", value > Number(field.dataset.requested));
    }
    for (const out of form.querySelectorAll("[data-amount-sum]")) out.textContent = total.toLocaleString("en-US");
  }

  form.addEventListener("input", (event) => {
    const slider = event.target.closest("[data-slider]");
    if (slider) slider.closest("[data-criterion]").querySelector("[data-score]").value = slider.value;
    refresh(slider);
  });
  document.addEventListener("totals:refresh", () => refresh());

  // "Same as requested": fills the amounts that are still empty or different, then saves as if typed.
  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-fill-requested]");
    if (!button) return;
    for (const field of amounts) field.value = Number(field.dataset.requested).toLocaleString("en-US");
    amounts[0]?.dispatchEvent(new Event("input", { bubbles: true }));
  });
  form.addEventListener("autosave:saved", () => refresh());
  refresh();
}

for (const form of document.querySelectorAll("form[data-scoring]")) setUp(form);

/* The gender share while members are picked: [data-gender-live] with data-women, data-men, data-total, data-share="1/3". */
for (const out of document.querySelectorAll("[data-gender-live]")) {
  const form = out.closest("form");
  const [top, bottom] = out.dataset.share.split("/").map(Number);
  const count = () => {
    let [women, men, total] = [out.dataset.women, out.dataset.men, out.dataset.total].map(Number);
    for (const box of form.querySelectorAll("input[data-gender]:checked")) {
      total += 1;
      if (box.dataset.gender === "female") women += 1;
      if (box.dataset.gender === "male") men += 1;
    }
    const least = Math.ceil((total * top) / bottom);
    const short = total > 0 && (women < least || men < least);
    out.textContent = total
      ? `加入後共 ${total} 位：女 ${women}、男 ${men}；任一性別至少須 ${least} 位，${short ? "目前不足" : "符合"}。`
      : "還沒有委員。";
    out.classList.toggle("text-problem", short);
    out.classList.toggle("text-done", total > 0 && !short);
  };
  form.addEventListener("change", count);
  count();
}
