// Filters: a slider over the values that occur of each number, boxes for words. A row without a value passes a filter
// only while that lets everything through.
const filters = [];
const flags = { feasible: document.getElementById("only-feasible"), front: document.getElementById("only-front") };

function passes(row) {
  if (flags.feasible.checked && row.status !== "front" && row.status !== "feasible") return false;
  if (flags.front.checked && row.status !== "front") return false;
  return filters.every((filter) => filter.passes(row));
}

function makeFilters(changed) {
  const list = document.getElementById("filter-list");
  const parts = [["Objectives", objectives, true], ["Axes", axes, true], ["Other figures", figures.filter((f) => !objectives.includes(f)), false]];
  for (const [title, indices, open] of parts) {
    const made = indices.map((index) => (columns[index].categories ? boxes(index, changed) : slider(index, changed))).filter(Boolean);
    if (!made.length) continue;
    list.append(element("details", { open }, element("summary", { textContent: title }), ...made.map((filter) => filter.box)));
    filters.push(...made);
  }
  for (const flag of Object.values(flags)) flag.addEventListener("change", changed);
  document.getElementById("reset").addEventListener("click", () => {
    for (const flag of Object.values(flags)) flag.checked = false;
    for (const filter of filters) filter.reset();
    changed();
  });
}

function frame(index, note, body) {
  const name = element("div", { className: "name" }, element("span", { textContent: titleOf(columns[index]), title: columns[index].meaning }), note);
  const box = element("div", { className: "filter" }, name, body);
  box.dataset.name = columns[index].name;
  return box;
}

function slider(index, changed) {
  const steps = distinct(index);
  if (steps.length < 2) return null;
  const last = steps.length - 1;
  const end = (label, value) => element("input", { type: "range", min: 0, max: last, step: 1, value, ariaLabel: `${label} ${columns[index].name}` });
  const low = end("least", 0), high = end("most", last);
  const note = element("span");
  const filter = { index, box: frame(index, note, element("div", { className: "slider" }, low, high)) };
  const draw = () => {
    filter.low = steps[low.value];
    filter.high = steps[high.value];
    filter.active = Number(low.value) > 0 || Number(high.value) < last;
    filter.box.classList.toggle("active", filter.active);
    note.textContent = `${spell(filter.low)} … ${spell(filter.high)}`;
    low.style.zIndex = Number(low.value) > last / 2 ? 2 : 1; // both at one end: the one that can still move lies on top
    high.style.zIndex = Number(low.value) > last / 2 ? 1 : 2;
  };
  low.addEventListener("input", () => { low.value = Math.min(low.value, high.value); draw(); changed(); });
  high.addEventListener("input", () => { high.value = Math.max(low.value, high.value); draw(); changed(); });
  filter.passes = (row) => !filter.active || (row.values[index] !== null && row.values[index] >= filter.low && row.values[index] <= filter.high);
  filter.reset = () => { low.value = 0; high.value = last; draw(); };
  draw();
  return filter;
}

function boxes(index, changed) {
  const { categories } = columns[index];
  if (categories.length < 2) return null;
  const inputs = categories.map((value) => element("input", { type: "checkbox", checked: true, value }));
  const labels = inputs.map((input) => element("label", {}, input, ` ${input.value}`));
  const filter = { index, box: frame(index, element("span"), element("div", { className: "choices" }, ...labels)) };
  const draw = () => {
    filter.allowed = new Set(inputs.filter((input) => input.checked).map((input) => input.value));
    filter.active = filter.allowed.size < categories.length;
    filter.box.classList.toggle("active", filter.active);
  };
  for (const input of inputs) input.addEventListener("change", () => { draw(); changed(); });
  filter.passes = (row) => !filter.active || filter.allowed.has(String(row.values[index]));
  filter.reset = () => { for (const input of inputs) input.checked = true; draw(); };
  draw();
  return filter;
}
