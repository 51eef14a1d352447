// One candidate: its verdict, each reason with its facts and source, what is missing, what would make it fit.
function buildOne(place, onClose) {
  const box = el("aside", { class: "one", hidden: true, "aria-label": "The candidate that is chosen", id: "one" });
  box.addEventListener("keydown", (event) => { if (event.key === "Escape") onClose(); });
  place.append(box);
  return {
    box,
    show(row, isFocused) {
      box.replaceChildren(...oneOf(row, onClose));
      box.hidden = false;
      box.scrollTop = 0;
      if (isFocused) box.querySelector("h3").focus();
    },
    hide() { box.hidden = true; },
  };
}

function oneOf(row, onClose) {
  const each = data.cases[rows.cases[row]];
  const close = el("button", { type: "button", class: "close" }, "Close");
  close.addEventListener("click", onClose);
  const known = columns.filter((column) => column.kind !== "label" && column.kind !== "name" && column.value(row) !== null);
  const made = [
    el("div", { class: "top" }, el("h3", { class: "data", tabindex: "-1" }, labelOf(row)), close),
    el("p", {}, el("b", { class: STYLES[each.verdict] }, `${SIGNS[each.verdict]} ${LEVELS[each.verdict]}`), `: ${data.operations[each.operation]}`),
    names && names.value(row) ? el("p", { class: "soft data" }, labels.map((column) => column.value(row)).join(" × ")) : null,
    ...each.notes.map((text) => el("p", { class: "data" }, data.texts[text])),
  ];
  const titles = ["What speaks against it", "What is not decided", "Warnings and notices", "Waived"];
  titles.forEach((title, outcome) => {
    const some = each.rules.filter(([, own]) => own === outcome);
    if (some.length) made.push(el("h4", {}, title), el("ul", { class: "rules" }, ...some.map((result) => ruleOf(result, row))));
  });
  if (each.missing.length) {
    made.push(el("h4", {}, "What would decide it"), el("ul", {}, ...each.missing.map((fact) => el("li", {}, el("span", { class: "id data" }, data.facts[fact].flag), el("span", { class: "title" }, data.facts[fact].meaning)))));
  }
  for (const [command, option] of each.asks) {
    made.push(el("p", { class: "soft" }, "Ask the cloud, then give the answer with ", el("code", {}, option), ":"), el("pre", { class: "data" }, command));
  }
  if (each.plans.length || each.no_plan) made.push(el("h4", {}, "What would make it fit"));
  if (each.no_plan) made.push(el("p", {}, "Nothing of up to three steps that was tried."));
  each.plans.forEach((number, at) => made.push(planOf(data.plans[number], each.plans.length > 1 ? `Plan ${at + 1}` : "")));
  if (!each.rules.length) made.push(el("p", {}, "No rule speaks against it."));
  if (known.length) {
    made.push(el("details", {}, el("summary", {}, `What is known of it (${known.length})`), factList(known.map((column) => [column.name, column.value(row)]))));
  }
  return made.filter((node) => node !== null);
}

function ruleOf([at, outcome, text], row) {
  const rule = data.rules[at];
  const facts = rule.facts.map((name) => [name, columns.find((column) => column.name === name && column.kind === "fact")?.value(row) ?? "unknown"]);
  return el("li", { class: outcome === 0 ? "bad-rule" : outcome === 1 ? "open-rule" : null },
    el("p", { class: "data" }, data.texts[text] ?? rule.title),
    el("p", { class: "soft" }, el("a", { href: `#rule-${at}`, class: "id" }, rule.id), ` ${OUTCOMES[outcome]}`, ...(rule.codes.length ? [`; cloud says ${rule.codes.join(", ")}`] : [])),
    facts.length ? factList(facts) : null,
    sourceOf(rule));
}

function factList(pairs) {
  return el("dl", { class: "facts" }, ...pairs.flatMap(([name, value]) => [el("dt", { class: "id" }, name), el("dd", { class: "data" }, value)]));
}

function sourceOf(rule) {
  const where = rule.address ? el("a", { href: rule.address, rel: "noopener noreferrer", target: "_blank" }, rule.source) : rule.source;
  return el("p", { class: "soft data" }, "Source: ", where);
}

function planOf(plan, title) {
  const steps = plan.steps.map((step) => el("li", { class: "data" }, step.by ? `${step.by}: ` : "", step.text, ...(step.cost ? [el("span", { class: "soft" }, ` (${step.cost})`)] : [])));
  return el("div", { class: "plan" }, title ? el("p", { class: "soft" }, title) : null, el("ol", {}, ...steps), ...plan.after.map((text) => el("p", { class: "soft data" }, text)));
}
