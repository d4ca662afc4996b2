/**
 * One question at a time on a phone: a form with `data-steps` shows one of its groups ([id^="div_id_"]), with back and
 * next. On a wide screen, without JavaScript, or once there is an answer to read (`data-steps="done"`), all are there.
 */
const NARROW = window.matchMedia("(max-width: 47.99rem)");

function button(label, className, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = `btn ${className}`;
  made.textContent = label;
  made.addEventListener("click", act);
  return made;
}

function steps(form) {
  const groups = [...form.querySelectorAll('[id^="div_id_"]')];
  const finish = form.querySelector(".actions");
  const bar = document.createElement("div");
  bar.className = "actions";
  const words = document.createElement("p");
  words.className = "muted";
  words.setAttribute("aria-live", "polite");
  const back = button("上一題", "btn-secondary", () => show(at - 1, true));
  const next = button("下一題", "btn-primary", () => show(at + 1, true));
  bar.append(back, next);
  form.prepend(words);
  form.append(bar);
  let at = Math.max(0, groups.findIndex((group) => group.querySelector(".is-invalid, .invalid-feedback")));

  function show(number, focus) {
    at = Math.min(Math.max(number, 0), groups.length - 1);
    const last = at === groups.length - 1;
    const stepwise = NARROW.matches;
    groups.forEach((group, index) => { group.hidden = stepwise && index !== at; });
    words.hidden = !stepwise;
    words.textContent = `第 ${at + 1} 題，共 ${groups.length} 題`;
    bar.hidden = !stepwise;
    back.disabled = at === 0;
    next.hidden = last;
    finish.hidden = stepwise && !last;
    if (focus) groups[at].querySelector("input, select")?.focus();
  }
  // Enter leads to the next question, not past all of them.
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && NARROW.matches && at < groups.length - 1 && event.target.matches("input")) {
      event.preventDefault();
      show(at + 1, true);
    }
  });
  NARROW.addEventListener("change", () => show(at, false));
  show(at, false);
}

document.querySelectorAll('form[data-steps=""]').forEach(steps);
