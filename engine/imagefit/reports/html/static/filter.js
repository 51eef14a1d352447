// Which rows are shown: by verdict, by words, by what was picked; and in which order. All that is picked is a mask of
// cases or of the values of a column, so that each row costs a few looks into small arrays.
const state = { levels: [true, true, true], words: [], picks: [], sort: null, isDown: false };
let shown = new Uint32Array(0);

function maskOf(size, test) {
  const mask = new Uint8Array(size);
  for (let place = 0; place < size; place++) mask[place] = test(place) ? 1 : 0;
  return mask;
}

function pickOf(kind, at, other) {
  const pick = { id: `${kind} ${at} ${other ?? ""}`, kind, at, other };
  if (kind === "rule") {
    pick.text = data.rules[at].id;
    pick.cases = maskOf(data.cases.length, (number) => data.cases[number].rules.some(([rule]) => rule === at));
  } else if (kind === "missing") {
    pick.text = `${data.facts[at].name} is missing`;
    pick.cases = maskOf(data.cases.length, (number) => data.cases[number].missing.includes(at));
  } else if (kind === "value") {
    const column = columns[at];
    pick.text = `${column.name}: ${column.values[other] ?? "unknown"}`;
    pick.masks = [[column, maskOf(column.values.length, (code) => code === other)]];
  } else {
    const [line, family] = [data.heat.lines[at], data.heat.families[other]];
    const image = columns[data.heat.image], of = columns[data.heat.family];
    const members = new Set(line.members);
    pick.text = `${line.label} with ${family}`;
    pick.masks = [
      [image, maskOf(image.values.length, (code) => members.has(code))],
      [of, maskOf(of.values.length, (code) => data.heat.family_of[code] === other)],
    ];
  }
  return pick;
}

// A word has to be in the case of a row, or in one of its values.
function wordMasks(word) {
  const cases = maskOf(data.cases.length, (number) => textOfCase(number).includes(word));
  const masks = [];
  for (const column of columns) {
    const lower = column.lower;
    const mask = maskOf(lower.length, (code) => lower[code].includes(word));
    if (mask.includes(1)) masks.push([column, mask]);
  }
  return { cases, masks };
}

const orders = new Map();
function order() {
  const key = state.sort === null ? "" : `${state.sort} ${state.isDown}`;
  if (orders.has(key)) return orders.get(key);
  const made = Uint32Array.from({ length: rows.count }, (_, row) => row);
  if (state.sort !== null) {
    const rank = new Float64Array(rows.count);
    for (let row = 0; row < rows.count; row++) rank[row] = rankOf(row) * (state.isDown ? -1 : 1);
    made.sort((a, b) => rank[a] - rank[b] || a - b);
  }
  orders.set(key, made);
  return made;
}

function rankOf(row) {
  if (state.sort === "verdict") {
    const each = data.cases[rows.cases[row]];
    return -each.verdict * 1e6 - each.rules.length;
  }
  if (state.sort === "why") return data.cases[rows.cases[row]].rules[0]?.[0] ?? 1e9;
  if (state.sort === "operation") return data.cases[rows.cases[row]].operation;
  const column = columns[state.sort];
  return column.ranks[column.code(row)];
}

function refilter() {
  const picks = state.picks;
  const cases = maskOf(data.cases.length, (number) => state.levels[levelOf[number]] && picks.every((pick) => !pick.cases || pick.cases[number]));
  const masks = picks.flatMap((pick) => pick.masks ?? []);
  const words = state.words.map(wordMasks);
  const found = new Uint32Array(rows.count);
  let size = 0;
  each: for (const row of order()) {
    const number = rows.cases[row];
    if (!cases[number]) continue;
    for (const [column, mask] of masks) if (!mask[column.code(row)]) continue each;
    for (const word of words) {
      if (word.cases[number]) continue;
      let isFound = false;
      for (const [column, mask] of word.masks) if (mask[column.code(row)]) { isFound = true; break; }
      if (!isFound) continue each;
    }
    found[size++] = row;
  }
  shown = found.subarray(0, size);
}

// The rows that are shown, counted by verdict for each value of a column, each rule, each missing fact.
function groups(by) {
  const found = new Map();
  const add = (key, level) => {
    if (!found.has(key)) found.set(key, [0, 0, 0]);
    found.get(key)[level]++;
  };
  for (const row of shown) {
    const each = data.cases[rows.cases[row]];
    if (by === "rule") for (const rule of new Set(each.rules.map(([rule]) => rule))) add(rule, each.verdict);
    else if (by === "missing") for (const fact of each.missing) add(fact, each.verdict);
    else add(columns[by].code(row), each.verdict);
  }
  const total = (counts) => counts[0] + counts[1] + counts[2];
  return [...found].sort(([a, m], [b, n]) => n[2] - m[2] || n[1] - m[1] || total(n) - total(m) || a - b);
}
