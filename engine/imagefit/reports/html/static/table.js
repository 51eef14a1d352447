// The table of candidates: only the rows in sight are elements, whatever their number.
const SPARE = 8;
const table = { grid: null, body: null, head: null, pool: [], height: 0, active: 0, version: 0, extra: null, cells: [] };

function buildTable(place, onOpen) {
  table.head = el("div", { role: "row", class: "row", "aria-rowindex": "1" });
  table.body = el("div", { role: "rowgroup", class: "body" });
  table.grid = el("div", { role: "grid", class: "grid", id: "rows", tabindex: "0", "aria-label": "Candidates" },
    el("div", { role: "rowgroup", class: "head" }, table.head), table.body);
  place.append(table.grid);
  table.open = onOpen;
  table.grid.addEventListener("scroll", () => requestAnimationFrame(draw), { passive: true });
  addEventListener("resize", () => { table.height = 0; draw(); });
  table.grid.addEventListener("keydown", onKey);
  table.body.addEventListener("click", (event) => {
    const node = event.target.closest(".row");
    if (node && !getSelection().toString()) { activate(Number(node.dataset.place)); table.open(false); }
  });
  layout();
}

// The columns: number, verdict, what the candidate is called, what it is broken down by, why.
function layout() {
  const cells = [{ name: "№", sort: null, style: "number place", width: `${String(rows.count).length + 1}ch`, text: (row) => String(row + 1) }];
  cells.push({ name: "Verdict", sort: "verdict", style: "verdict", width: "8.5rem", text: null });
  const called = labels.length > 1 || !names ? labels : [names];
  for (const column of called) {
    const text = column === names ? (row) => column.value(row) || labels[0].value(row) : (row) => column.value(row) ?? "";
    cells.push({ name: column.title, sort: columns.indexOf(column), style: "label data", width: "minmax(6.5rem, 1fr)", text });
  }
  if (data.operations.length > 1) cells.push({ name: "Operation", sort: "operation", style: "extra", width: "minmax(5rem, 0.6fr)", text: (row) => data.operations[data.cases[rows.cases[row]].operation] });
  if (table.extra !== null) {
    const column = columns[table.extra];
    cells.push({ name: column.name, sort: table.extra, style: "extra data", width: "minmax(5rem, 0.7fr)", text: (row) => column.value(row) ?? "unknown" });
  }
  cells.push({ name: "Why", sort: "why", style: "why data", width: "minmax(8rem, 2.2fr)", text: null });
  table.cells = cells;
  table.grid.setAttribute("aria-colcount", cells.length);
  table.grid.style.setProperty("--columns", cells.map((cell) => cell.width).join(" "));
  table.head.replaceChildren(...cells.map((cell) => {
    const isSorted = cell.sort !== null && state.sort === cell.sort;
    const button = cell.sort === null ? cell.name : el("button", { type: "button" }, cell.name);
    const made = el("div", { role: "columnheader", class: cell.style, "aria-sort": isSorted ? (state.isDown ? "descending" : "ascending") : null }, button);
    if (cell.sort !== null) button.addEventListener("click", () => sortBy(cell.sort));
    return made;
  }));
  table.pool.forEach((node) => node.remove());
  table.pool = [];
}

function sortBy(key) {
  // By letters first, then the other way round, then as they stand in the file.
  if (state.sort !== key) [state.sort, state.isDown] = [key, false];
  else if (!state.isDown) state.isDown = true;
  else [state.sort, state.isDown] = [null, false];
  const place = table.cells.findIndex((cell) => cell.sort === key);
  layout();
  update();
  table.head.children[place].querySelector("button").focus();
}

function rowNode() {
  const node = el("div", { role: "row", class: "row" }, ...table.cells.map((cell) => el("div", { role: "gridcell", class: cell.style })));
  table.body.append(node);
  return node;
}

function fill(node, place) {
  const row = shown[place], each = data.cases[rows.cases[row]];
  node.id = `row-${place}`;
  node.dataset.place = place;
  node.setAttribute("aria-rowindex", place + 2);
  node.style.transform = `translateY(${place * table.height}px)`;
  table.cells.forEach((cell, at) => {
    const box = node.children[at];
    if (cell.style === "verdict") box.replaceChildren(el("span", { class: STYLES[each.verdict] }, el("span", { "aria-hidden": "true" }, `${SIGNS[each.verdict]} `), LEVELS[each.verdict]));
    else if (cell.text) { box.textContent = cell.text(row); box.title = box.textContent; }
    else box.replaceChildren(...why(each));
  });
}

function why(each) {
  const telling = each.rules.filter(([, outcome]) => outcome === (each.verdict === 2 ? 0 : each.verdict === 1 ? 1 : outcome));
  if (!telling.length) return [];
  const [rule, outcome, text] = telling[0];
  const words = data.texts[text] ?? data.rules[rule].title;
  const rest = telling.length - 1;
  return [`${outcome === 2 ? "warning: " : outcome === 3 ? "waived: " : ""}${words}`, ...(rest ? [el("span", { class: "more" }, ` +${rest} more`)] : [])];
}

function draw() {
  if (!table.height) {
    const probe = table.pool[0] ?? (table.pool[0] = rowNode());
    table.height = probe.offsetHeight || 34;
    table.version++;
  }
  table.body.style.height = `${shown.length * table.height}px`;
  const first = Math.max(0, Math.floor(table.grid.scrollTop / table.height) - SPARE);
  const last = Math.min(shown.length, first + Math.ceil((table.grid.clientHeight || 600) / table.height) + 2 * SPARE);
  const size = Math.max(table.pool.length, last - first);
  while (table.pool.length < size) { table.pool.push(rowNode()); table.version++; }
  table.pool.forEach((node) => { node.hidden = true; });
  for (let place = first; place < last; place++) {
    const node = table.pool[place % size];
    if (node.drawn !== `${table.version} ${place}`) { fill(node, place); node.drawn = `${table.version} ${place}`; }
    node.hidden = false;
    node.setAttribute("aria-selected", place === table.active ? "true" : "false");
  }
  const isDrawn = table.active >= first && table.active < last;
  if (isDrawn) table.grid.setAttribute("aria-activedescendant", `row-${table.active}`);
  else table.grid.removeAttribute("aria-activedescendant");
}

function redraw() {
  table.version++;
  table.active = Math.min(table.active, Math.max(0, shown.length - 1));
  table.grid.setAttribute("aria-rowcount", shown.length + 1);
  draw();
}

function activate(place) {
  table.active = Math.max(0, Math.min(shown.length - 1, place));
  const top = table.active * table.height, above = table.head.parentNode.offsetHeight;
  const view = table.grid.clientHeight - above;
  if (top < table.grid.scrollTop) table.grid.scrollTop = top;
  else if (top + table.height > table.grid.scrollTop + view) table.grid.scrollTop = top + table.height - view;
  draw();
}

function onKey(event) {
  if (event.target !== table.grid || event.ctrlKey || event.metaKey || event.altKey) return;
  const page = Math.max(1, Math.floor(table.grid.clientHeight / table.height) - 2);
  const moves = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -rows.count, End: rows.count };
  if (event.key in moves) { activate(table.active + moves[event.key]); table.open(null); }
  else if (event.key === "Enter" || event.key === " ") table.open(true);
  else return;
  event.preventDefault();
}
