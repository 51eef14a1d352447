// The page: the tools above the table, what is picked, and how all of it hangs together.
const one = {};

function update() {
  refilter();
  redraw();
  document.getElementById("shown").textContent = shown.length === rows.count ? `all ${count(rows.count)} shown` : `${count(shown.length)} of ${count(rows.count)} shown`;
  document.getElementById("nothing").hidden = shown.length > 0;
  drawPicks();
  drawGroups();
  if (one.panel && !one.panel.box.hidden) shown.length ? one.panel.show(shown[table.active], false) : closeOne();
}

function pick(made) {
  state.picks = state.picks.filter((each) => each.id !== made.id && !(each.kind === made.kind && made.kind === "value" && each.at === made.at));
  state.picks.push(made);
  update();
  document.getElementById("candidates").scrollIntoView();
}

function drawPicks() {
  const buttons = state.picks.map((each) => {
    const button = el("button", { type: "button", "aria-label": `Show again what is not: ${each.text}` }, el("span", { class: "data" }, each.text), " ✕");
    button.addEventListener("click", () => { state.picks = state.picks.filter((other) => other !== each); update(); document.getElementById("search").focus(); });
    return el("li", {}, button);
  });
  document.getElementById("picks").replaceChildren(...buttons);
}

const GROUPS = 100;
function drawGroups() {
  const place = document.getElementById("groups"), by = document.getElementById("by").value;
  place.hidden = by === "";
  if (by === "") return;
  const key = by === "rule" || by === "missing" ? by : Number(by);
  const found = groups(key);
  const most = Math.max(1, ...found.map(([, counts]) => counts[0] + counts[1] + counts[2]));
  const lines = found.slice(0, GROUPS).map(([at, counts]) => {
    const made = key === "rule" || key === "missing" ? pickOf(key, at) : pickOf("value", key, at);
    const text = key === "rule" ? data.rules[at].id : key === "missing" ? data.facts[at].name : columns[key].values[at] ?? "unknown";
    const button = el("button", { type: "button", class: "pick data" }, text);
    button.addEventListener("click", () => pick(made));
    return el("tr", {}, el("th", { scope: "row" }, button), ...[2, 1, 0].map((level) => el("td", { class: "number" }, count(counts[level]))), el("td", { class: "plot" }, stack(counts, most)));
  });
  const rest = found.length - lines.length;
  const title = key === "rule" ? "rule" : key === "missing" ? "missing fact" : columns[key].name;
  place.replaceChildren(el("table", {},
    el("caption", { class: "unseen" }, `The candidates that are shown, by ${title}`),
    el("thead", {}, el("tr", {}, el("th", { scope: "col" }, title), ...[2, 1, 0].map((level) => el("th", { scope: "col", class: "number" }, `${SIGNS[level]} ${LEVELS[level]}`)), el("td", { class: "plot" }))),
    el("tbody", {}, ...lines)), ...(rest > 0 ? [el("p", { class: "soft" }, `and ${count(rest)} more`)] : []));
}

function openOne(isFocused) {
  if (!shown.length || (isFocused === null && one.panel.box.hidden)) return;
  one.split.classList.add("both");
  one.panel.show(shown[table.active], isFocused === true);
  requestAnimationFrame(() => { draw(); activate(table.active); });
}

function closeOne() {
  one.panel.hide();
  one.split.classList.remove("both");
  table.grid.focus();
  requestAnimationFrame(draw);
}

function options() {
  const made = [el("option", { value: "" }, "nothing"), el("option", { value: "rule" }, "rule")];
  if (data.cases.some((each) => each.missing.length)) made.push(el("option", { value: "missing" }, "missing fact"));
  columns.forEach((column, at) => {
    if (column.codes && column.values.length > 1 && column.values.length <= 5000) made.push(el("option", { value: String(at) }, column.name));
  });
  return made;
}

function build() {
  const section = document.getElementById("candidates");
  const search = el("input", { type: "search", id: "search", autocomplete: "off", spellcheck: "false", "aria-keyshortcuts": "/" });
  const by = el("select", { id: "by" }, ...options());
  const verdicts = el("fieldset", {}, el("legend", { class: "unseen" }, "Verdicts that are shown"));
  for (const level of [2, 1, 0]) {
    const box = el("input", { type: "checkbox", checked: true });
    box.addEventListener("change", () => { state.levels[level] = box.checked; update(); });
    verdicts.append(el("label", { class: STYLES[level] }, box, `${SIGNS[level]} ${LEVELS[level]}`));
  }
  const tools = el("div", { class: "tools", role: "search" },
    el("label", {}, "Search names, reasons, facts ( / )", search), verdicts, el("label", {}, "Break down by", by));
  one.split = el("div", { class: "split" });
  section.append(tools, el("ul", { class: "picks", id: "picks", "aria-label": "What was picked" }), el("p", { class: "over" }, el("span", { id: "shown", role: "status" }), el("span", { class: "keys" }, "arrows move, Enter reads, Escape goes back")),
    el("div", { class: "groups wide", id: "groups", hidden: true, tabindex: "0", role: "region", "aria-label": "Breakdown" }), el("p", { class: "empty", id: "nothing", hidden: true }, "No candidate is like this."), one.split);
  buildTable(one.split, openOne);
  one.panel = buildOne(one.split, closeOne);
  let waiting = 0;
  search.addEventListener("input", () => {
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(() => { state.words = search.value.toLowerCase().split(/\s+/).filter(Boolean); table.grid.scrollTop = 0; update(); });
  });
  by.addEventListener("change", () => {
    const at = by.value === "" || Number.isNaN(Number(by.value)) ? null : Number(by.value);
    table.extra = at !== null && columns[at].kind !== "label" ? at : null;
    layout();
    update();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !event.ctrlKey && !event.metaKey && !/^(input|select|textarea)$/i.test(event.target.tagName)) { event.preventDefault(); search.focus(); }
    else if (event.key === "Escape" && event.target === search && search.value) { search.value = ""; search.dispatchEvent(new Event("input")); }
  });
  for (const place of document.querySelectorAll(".pick[data-kind]")) upgrade(place);
  document.querySelectorAll("table.heat").forEach(rove);
  update();
  if (rows.count === 1) { section.classList.add("single"); openOne(false); }
  addEventListener("hashchange", openRule);
  openRule();
}

// A link to a rule opens it.
function openRule() {
  const place = location.hash.startsWith("#rule-") ? document.getElementById(location.hash.slice(1)) : null;
  if (place) { place.open = true; place.scrollIntoView(); }
}

// What the page shows without scripts becomes a button with them.
function upgrade(place) {
  const { kind, at, other } = place.dataset;
  const button = el("button", { type: "button", class: "pick", title: place.title || null }, ...place.childNodes);
  button.addEventListener("click", () => pick(pickOf(kind, Number(at), other === undefined ? undefined : Number(other))));
  place.replaceWith(button);
}

// The fields of the heat map are one stop of the tabulator; arrows go from one to the next.
function rove(heat) {
  const lines = [...heat.tBodies[0].rows].map((row) => [...row.querySelectorAll("button")]);
  const fields = lines.flat();
  const stop = (field) => { fields.forEach((each) => { each.tabIndex = each === field ? 0 : -1; }); };
  if (fields.length) stop(fields[0]);
  heat.addEventListener("keydown", (event) => {
    const line = lines.findIndex((each) => each.includes(event.target));
    const moves = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
    if (line < 0 || !(event.key in moves)) return;
    const [down, right] = moves[event.key];
    const field = lines[line + down]?.[lines[line].indexOf(event.target) + right];
    if (field) { stop(field); field.focus(); }
    event.preventDefault();
  });
}

// On paper the rows that are shown stand in a plain table, so many of them.
const PRINTED = 500;
addEventListener("beforeprint", () => {
  for (const rule of document.querySelectorAll("details:not([open])")) { rule.open = true; rule.dataset.opened = ""; }
  const place = document.getElementById("printed");
  const lines = Array.from(shown.subarray(0, PRINTED), (row) => {
    const each = data.cases[rows.cases[row]];
    return el("tr", {}, el("td", {}, `${SIGNS[each.verdict]} ${LEVELS[each.verdict]}`), el("td", { class: "data" }, labelOf(row)), el("td", { class: "data" }, ...why(each)));
  });
  const more = shown.length > PRINTED ? [el("p", {}, `and ${count(shown.length - PRINTED)} more`)] : [];
  place.replaceChildren(el("table", {}, el("thead", {}, el("tr", {}, ...["Verdict", "Candidate", "Why"].map((name) => el("th", { scope: "col" }, name)))), el("tbody", {}, ...lines)), ...more);
});
addEventListener("afterprint", () => {
  for (const rule of document.querySelectorAll("details[data-opened]")) { rule.open = false; delete rule.dataset.opened; }
  document.getElementById("printed").replaceChildren();
});

build();
