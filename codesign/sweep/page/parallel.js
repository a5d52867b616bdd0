// Parallel coordinates of axes and objectives; brushing an axis is Plotly's.
const LINES = 1500; // beyond so many, only some of those off the front are drawn
const parallel = { canvas: document.getElementById("parallel-plot"), select: document.getElementById("parallel-colour"), shown: [] };

function makeParallel() {
  for (const index of objectives) parallel.select.append(element("option", { value: index, textContent: columns[index].name }));
  parallel.select.addEventListener("change", () => drawParallel(parallel.shown));
}

function drawParallel(shown) {
  parallel.shown = shown;
  const indices = [...axes, ...objectives];
  const whole = shown.filter((row) => indices.every((index) => row.values[index] !== null));
  const step = Math.ceil(whole.length / LINES);
  const known = whole.filter((row, place) => row.status === "front" || place % step === 0);
  const missing = shown.length - whole.length;
  const said = missing ? [`${missing.toLocaleString("en-US")} of the points shown miss a value and are left out.`] : [];
  if (step > 1) said.push(`Of the others that are not on the front every ${step}th is drawn.`);
  document.getElementById("parallel-note").textContent = said.join(" ");
  parallel.canvas.hidden = !known.length;
  if (!known.length) return;
  const by = Number(parallel.select.value);
  const scale = wide(by) ? (value) => Math.log10(value) : (value) => value;
  const all = distinct(by).map(scale);
  const ticks = tickValues(by);
  const line = { color: known.map((row) => scale(row.values[by])), cmin: all[0], cmax: all[all.length - 1], colorscale: "Viridis", reversescale: columns[by]?.better < 0,
    showscale: true, colorbar: { title: { text: plain(columns[by]?.name ?? ""), side: "right" }, thickness: 12, tickvals: ticks.map(scale), ticktext: ticks.map(spell) } };
  const trace = { type: "parcoords", line, dimensions: indices.map((index) => dimension(index, known)), labelfont: { size: 12 },
    rangefont: { color: "transparent", size: 1 }, unselected: { line: { color: colour("line"), opacity: 0.15 } } };
  Plotly.react(parallel.canvas, [trace], { ...baseLayout(), margin: { l: 60, r: 30, t: 50, b: 20 } }, { responsive: true, displaylogo: false });
}

function dimension(index, known) {
  const column = columns[index];
  const label = plain(titleOf(column));
  if (column.categories) {
    const places = column.categories.map((_, place) => place);
    return { label, values: known.map((row) => column.categories.indexOf(row.values[index])), tickvals: places, ticktext: column.categories.map((text) => (text.length > 20 ? `${text.slice(0, 19)}…` : text)), range: [-0.2, places.length - 0.8] };
  }
  const scale = wide(index) ? (value) => Math.log10(value) : (value) => value;
  const values = distinct(index);
  const ticks = tickValues(index);
  const [low, high] = [scale(values[0] ?? 0), scale(values[values.length - 1] ?? 1)];
  return { label, values: known.map((row) => scale(row.values[index])), tickvals: ticks.map(scale), ticktext: ticks.map(spell), range: high > low ? [low, high] : [low - 1, high + 1] };
}

/** A few values to write at a column's scale: all where there are few, else some of equal distance on that scale. */
function tickValues(index) {
  const values = distinct(index);
  if (values.length <= 8) return values;
  const [low, high] = [values[0], values[values.length - 1]];
  return [0, 1, 2, 3, 4, 5].map((k) => Number((wide(index) ? low * (high / low) ** (k / 5) : low + ((high - low) * k) / 5).toPrecision(3)));
}
