// Plots of two columns each. Colour says what became of a point, its mark where its figures are from.
const FIGURES_OF = { measured: "both figures measured", estimate: "one is a yosys estimate", model: "one is by a model" };
const STATUS_ORDER = ["stopped", "missed", "feasible", "front"];

function makeScatter(x, y) {
  const picks = { x: pick("horizontal", x), y: pick("vertical", y) };
  const logs = { x: logBox(x), y: logBox(y) };
  const canvas = element("div", { className: "canvas" });
  const known = element("div", { className: "known" });
  const bar = element("div", { className: "pick" }, picks.y, logs.y.label, "over", picks.x, logs.x.label);
  document.getElementById("scatter").append(element("div", { className: "plot" }, bar, canvas, known));
  let last = [];
  const draw = (shown) => {
    last = shown;
    const xi = Number(picks.x.value), yi = Number(picks.y.value);
    const log = { x: logs.x.input.checked, y: logs.y.input.checked };
    const can = (value, isLog) => value !== null && (!isLog || value > 0);
    const points = shown.filter((row) => can(row.values[xi], log.x) && can(row.values[yi], log.y));
    const missing = shown.length - points.length;
    known.textContent = missing ? `${missing.toLocaleString("en-US")} of the points shown have no such figures` : "";
    const traces = [...clouds(points, xi, yi), ...stairs(points, xi, yi)];
    const first = !canvas.data;
    Plotly.react(canvas, traces, scatterLayout(xi, yi, log), { displaylogo: false, modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d"] });
    if (first) listen();
  };
  for (const control of [picks.x, picks.y]) control.addEventListener("change", () => {
    const side = control === picks.x ? "x" : "y";
    logs[side].input.checked = wide(Number(control.value));
    draw(last);
  });
  for (const { input } of Object.values(logs)) input.addEventListener("change", () => draw(last));
  const listen = () => { // once there is a plot
    canvas.on("plotly_hover", ({ points: [point], event }) => showCard(rows[point.customdata], event.clientX, event.clientY));
    canvas.on("plotly_unhover", () => hideCard());
    canvas.on("plotly_click", ({ points: [point], event }) => showCard(rows[point.customdata], event.clientX, event.clientY, true));
    new ResizeObserver(() => Plotly.Plots.resize(canvas)).observe(canvas);
  };
  return { canvas, draw };
}

function pick(label, chosen) {
  const select = element("select", { ariaLabel: `${label} axis` });
  columns.forEach((column, index) => {
    if (!column.categories) select.append(element("option", { value: index, textContent: column.name, selected: index === chosen }));
  });
  return select;
}

function logBox(index) {
  const input = element("input", { type: "checkbox", checked: wide(index) });
  return { input, label: element("label", {}, input, " log") };
}

/** Whether a column is read better on a logarithmic scale: positive, over more than a factor of 20. */
function wide(index) {
  const values = distinct(index);
  return values.length > 1 && values[0] > 0 && values[values.length - 1] > 20 * values[0];
}

function groupOf(row) {
  return groupColumn < 0 ? 0 : columns[groupColumn].categories ? columns[groupColumn].categories.indexOf(String(row.values[groupColumn])) : distinct(groupColumn).indexOf(row.values[groupColumn]);
}

function groupColour(group) {
  return groupColumn < 0 ? colour("front") : GROUPS[group % GROUPS.length];
}

/** One trace for each status and kind of source, and of the front one for each group. */
function clouds(points, xi, yi) {
  const traces = new Map();
  for (const status of STATUS_ORDER) {
    for (const row of points.filter((point) => point.status === status)) {
      const kind = kindOf(row, [xi, yi]);
      const group = status === "front" ? groupOf(row) : 0;
      const key = `${status}/${kind}/${group}`;
      if (!traces.has(key)) traces.set(key, cloud(status, kind, group));
      const trace = traces.get(key);
      trace.x.push(row.values[xi]);
      trace.y.push(row.values[yi]);
      trace.customdata.push(row.index);
    }
  }
  return [...traces.values()];
}

function cloud(status, kind, group) {
  const front = status === "front";
  const marker = { symbol: SYMBOL[kind], size: front ? 10 : 6, opacity: front ? 1 : status === "stopped" ? 0.45 : 0.7,
    color: front ? groupColour(group) : colour(status), line: { width: kind === "model" ? (front ? 2.2 : 1.3) : 0 } };
  return { type: "scatter", mode: "markers", name: `${status}, ${kind}`, hoverinfo: "none", x: [], y: [], customdata: [], marker };
}

/** The best that the points shown reach of one figure for each value of the other, as stairs; for each group its own. */
function stairs(points, xi, yi) {
  const [bx, by] = [columns[xi].better, columns[yi].better];
  if (!bx || !by || xi === yi) return [];
  const good = points.filter((row) => row.status === "front" || row.status === "feasible");
  return [...new Set(good.map(groupOf))].sort((a, b) => a - b).map((group) => {
    const best = [];
    const order = good.filter((row) => groupOf(row) === group)
      .sort((a, b) => bx * (b.values[xi] - a.values[xi]) || by * (b.values[yi] - a.values[yi]));
    for (const row of order) {
      if (!best.length || by * (row.values[yi] - best[best.length - 1].values[yi]) > 0) best.push(row);
    }
    best.sort((a, b) => a.values[xi] - b.values[xi]);
    return { type: "scatter", mode: "lines", name: "stairs", hoverinfo: "skip", line: { shape: bx < 0 ? "hv" : "vh", width: 1.5, color: groupColour(group) },
      x: best.map((row) => row.values[xi]), y: best.map((row) => row.values[yi]) };
  });
}

function scatterLayout(xi, yi, log) {
  const axis = (index, isLog) => {
    const { better } = columns[index];
    const hint = better ? (better > 0 ? ", more is better" : ", less is better") : "";
    return { title: { text: plain(titleOf(columns[index]) + hint), font: { size: 12 } }, type: isLog ? "log" : "linear",
      gridcolor: colour("line"), zerolinecolor: colour("line"), automargin: true, ...(isLog ? { dtick: "D2", tickformat: "~s" } : {}) };
  };
  return { ...baseLayout(), xaxis: axis(xi, log.x), yaxis: axis(yi, log.y), showlegend: false, hovermode: "closest", uirevision: `${xi}${yi}${log.x}${log.y}` };
}

function baseLayout() {
  return { margin: { l: 60, r: 12, t: 8, b: 44 }, paper_bgcolor: "transparent", plot_bgcolor: "transparent",
    font: { family: "system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif", size: 12, color: colour("text") } };
}

function drawLegend() {
  const entry = (sign, tint, text) => {
    const mark = element("i", { textContent: sign });
    mark.style.color = tint;
    return element("span", {}, mark, text);
  };
  const groups = groupColumn < 0 ? [] : columns[groupColumn].categories ?? distinct(groupColumn).map(String);
  const fronts = groups.length ? groups.map((name, group) => entry("●", groupColour(group), `front of ${name}`)) : [entry("●", colour("front"), STATUS.front)];
  const others = ["feasible", "missed", "stopped"].map((status) => entry("●", colour(status), STATUS[status]));
  const kinds = Object.keys(SIGN).map((kind) => entry(SIGN[kind], colour("text"), FIGURES_OF[kind]));
  const line = entry("┘", colour("front"), "best of the points shown");
  document.getElementById("legend").replaceChildren(...fronts, ...others, ...kinds, line);
}
