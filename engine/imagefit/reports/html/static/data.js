// What the page is about: the block of data, decoded, and the words for it.
const data = JSON.parse(document.getElementById("data").textContent);
const LEVELS = ["compatible", "unknown", "incompatible"];
const SIGNS = ["✓", "?", "✕"];
const STYLES = ["good", "open", "bad"];
const OUTCOMES = ["fails", "is open", "warns", "is waived"];

// Numbers come as little-endian bytes in base64, so many bytes each.
function numbers(packed) {
  const bytes = Uint8Array.from(atob(packed.numbers), (each) => each.charCodeAt(0));
  if (packed.bytes === 1) return bytes;
  return packed.bytes === 2 ? new Uint16Array(bytes.buffer) : new Uint32Array(bytes.buffer);
}

const rows = { count: data.rows.count, cases: numbers(data.rows.cases) };

// A column has its distinct values and a code for each row; or one value for all, or one for each row.
class Column {
  constructor(told) {
    Object.assign(this, told);
    this.codes = told.codes ? numbers(told.codes) : null;
    this.isWhole = !this.codes && this.values.length === rows.count;
  }
  code(row) { return this.codes ? this.codes[row] : this.isWhole ? row : 0; }
  value(row) { return this.values[this.code(row)]; }
  // What each code stands for, in lower case; made when it is first looked for.
  get lower() { return (this.lowered ??= this.values.map((value) => (value ?? "").toLowerCase())); }
  // The place of each code among the sorted values: numbers by size, texts by letters, unknown last.
  get ranks() {
    if (this.ranked) return this.ranked;
    const isNumber = this.values.every((value) => value === null || /^-?\d+(\.\d+)?( \w+)?$/.test(value));
    const keys = isNumber ? this.values.map((value) => parseFloat(value ?? "Infinity")) : this.lower;
    const last = this.values.map((value) => value === null);
    const order = keys.map((_, code) => code);
    order.sort((a, b) => last[a] - last[b] || (keys[a] < keys[b] ? -1 : keys[a] > keys[b] ? 1 : a - b));
    this.ranked = new Uint32Array(order.length);
    order.forEach((code, place) => { this.ranked[code] = place; });
    return this.ranked;
  }
}

const columns = data.columns.map((told) => new Column(told));
const labels = columns.filter((column) => column.kind === "label");
const names = columns.find((column) => column.kind === "name");
const levelOf = Uint8Array.from(data.cases, (each) => each.verdict);

function labelOf(row) {
  return (names && names.value(row)) || labels.map((column) => column.value(row)).join(" × ");
}

// All that can be searched in a case: ids, titles, reasons, facts.
let told = null;
function textOfCase(number) {
  told ??= data.cases.map((each) => [
    LEVELS[each.verdict], data.operations[each.operation],
    ...each.rules.flatMap(([rule, , text]) => [data.rules[rule].id, data.rules[rule].title, data.texts[text] ?? ""]),
    ...each.missing.map((fact) => data.facts[fact].name),
  ].join("\n").toLowerCase());
  return told[number];
}

// Elements are made from names, attributes and texts alone: nothing in the data is read as markup.
function el(name, attributes, ...children) {
  const made = name === "svg" || name === "rect" ? document.createElementNS("http://www.w3.org/2000/svg", name) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes ?? {})) if (value !== null && value !== undefined && value !== false) made.setAttribute(key, value === true ? "" : value);
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

function count(number) { return number.toLocaleString("en-US"); }

function stack(counts, most) {
  const made = el("svg", { class: "bar", "aria-hidden": "true" });
  let from = 0;
  for (const level of [2, 1, 0]) {
    const width = (100 * counts[level]) / most;
    if (width) made.append(el("rect", { class: STYLES[level], x: `${from}%`, width: `${width}%`, height: "100%" }));
    from += width;
  }
  return made;
}
