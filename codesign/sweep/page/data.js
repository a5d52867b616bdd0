// What the page knows: columns, and rows of values in the columns' order.
const data = JSON.parse(document.getElementById("data").textContent);
const { columns, rows } = data;
rows.forEach((row, index) => { row.index = index; });
const figures = columns.map((_, index) => index).filter((index) => columns[index].kind === "figure");
const axes = columns.map((_, index) => index).filter((index) => columns[index].kind === "axis");
const objectives = figures.filter((index) => columns[index].objective);
const groupColumn = columns.findIndex((column) => column.kind === "axis" && column.name === data.per);

const STATUS = { front: "on the front", feasible: "meets all constraints", missed: "misses a constraint", stopped: "stopped early" };
const SIGN = data.signs;
const SYMBOL = { measured: "circle", estimate: "diamond", model: "circle-open" };
const KIND = { measured: "measured", estimate: "yosys estimate", model: "model" };
const GROUPS = ["#0b72d9", "#e0701a", "#1d9a6c", "#c2409a", "#8a6d00", "#6a5acd", "#c0392b", "#1591a8"];

/** The least trusted kind among the sources of some of a row's figures; nothing else has a source. */
function kindOf(row, indices) {
  const kinds = indices.filter((index) => columns[index].kind === "figure").map((index) => data.kinds[row.sources[index]] ?? "model");
  return ["model", "estimate", "measured"].find((kind) => kinds.includes(kind)) ?? "measured";
}

/** Known numbers of a column, sorted, each once. */
function distinct(index) {
  known[index] ??= [...new Set(rows.map((row) => row.values[index]).filter((value) => value !== null))].sort((a, b) => a - b);
  return known[index];
}
const known = [];

function spell(value) {
  if (value === null || value === undefined) return "–";
  if (typeof value === "string") return value;
  if (Number.isInteger(value) || Math.abs(value) >= 1000) return Math.round(value).toLocaleString("en-US");
  return String(Number(value.toPrecision(4)));
}

function titleOf(column) {
  return column.unit ? `${column.name} (${column.unit})` : column.name;
}

/** Text that Plotly shows as it is: its labels know some HTML. */
function plain(text) {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  Object.assign(made, attributes);
  made.append(...children);
  return made;
}
