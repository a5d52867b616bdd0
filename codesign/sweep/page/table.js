// The table of the points shown, sorted by a click on a title.
const PAGE = 250; // rows put into the table at once
const table = { head: document.querySelector("#table thead"), body: document.querySelector("#table tbody"), more: document.getElementById("more"),
  order: { key: "slot", index: 0, down: false }, limit: PAGE, shown: [] };
const tableColumns = [...objectives, ...axes, ...figures.filter((index) => !objectives.includes(index))];
const commands = rows.some((row) => row.command);
const RANK = { front: 0, feasible: 1, missed: 2, stopped: 3 };

function makeTable() {
  const titles = element("tr");
  const add = (name, unit, meaning, order) => {
    const title = element("th", { title: meaning, tabIndex: 0 }, name, element("small", { textContent: unit || "\u00a0" }));
    title.dataset.name = name;
    const sort = () => {
      table.order = { ...order, key: name, down: table.order.key === name ? !table.order.down : order.down };
      drawTable(table.shown);
    };
    title.addEventListener("click", sort);
    title.addEventListener("keydown", (event) => { if (event.key === "Enter") sort(); });
    titles.append(title);
  };
  add("slot", "", "the point's number in the study", { index: 0, down: false });
  add("status", "", "what became of it", { of: (row) => RANK[row.status], down: false });
  if (commands) titles.append(element("th", { title: "the command that builds it again" }, "rebuild", element("small", { textContent: "\u00a0" })));
  for (const index of tableColumns) {
    const { name, unit, meaning, better } = columns[index];
    add(name, unit, meaning, { index, down: better > 0 });
  }
  add("why", "", "why it was stopped, or what it misses", { of: whyOf, down: false });
  table.head.append(titles);
  table.more.addEventListener("click", () => { table.limit += 4 * PAGE; drawTable(table.shown); });
}

function whyOf(row) {
  return row.stopped || row.missed.join(", ");
}

/** Order of two rows; what has no value comes last, either way. */
function compare(a, b) {
  const { index, of, down } = table.order;
  const value = of ?? ((row) => row.values[index]);
  const [x, y] = [value(a), value(b)];
  const none = (v) => v === null || v === "";
  if (none(x) || none(y)) return none(x) - none(y);
  const order = typeof x === "string" || typeof y === "string" ? String(x).localeCompare(String(y)) : x - y;
  return (down ? -order : order) || a.index - b.index;
}

function drawTable(shown) {
  table.shown = shown;
  const sorted = [...shown].sort(compare);
  table.body.replaceChildren(...sorted.slice(0, table.limit).map(line));
  for (const title of table.head.querySelectorAll("th[data-name]")) {
    const here = title.dataset.name === table.order.key;
    title.ariaSort = here ? (table.order.down ? "descending" : "ascending") : "none";
    title.firstChild.textContent = title.dataset.name + (here ? (table.order.down ? " ↓" : " ↑") : "");
  }
  const left = sorted.length - table.limit;
  table.more.hidden = left <= 0;
  table.more.textContent = `Show more (${left.toLocaleString("en-US")} left)`;
  document.getElementById("table-note").textContent = `${Object.keys(SIGN).map((kind) => `${SIGN[kind]} ${KIND[kind]}`).join(", ")}.`;
  markHeld();
}

function line(row) {
  const cells = tableColumns.map((index) => {
    const value = row.values[index];
    const cell = element("td", { className: typeof value === "string" ? "" : "number" }, spell(value));
    if (row.sources[index] && value !== null) cell.append(element("i", { textContent: SIGN[data.kinds[row.sources[index]]], title: row.sources[index] }));
    return cell;
  });
  const dot = element("span", { className: `dot ${row.status}`, textContent: "● " });
  if (commands) cells.unshift(element("td", {}, row.command ? copyButton(row.command) : ""));
  cells.unshift(element("td", { className: "number", textContent: row.values[0] }), element("td", {}, dot, STATUS[row.status]));
  cells.push(element("td", { className: "why", textContent: whyOf(row), title: whyOf(row) }));
  const made = element("tr", {}, ...cells);
  made.dataset.index = row.index;
  made.addEventListener("click", (event) => showCard(row, event.clientX, event.clientY, true));
  return made;
}

function markHeld() {
  for (const made of table.body.children) made.classList.toggle("held", Number(made.dataset.index) === card.held);
}
