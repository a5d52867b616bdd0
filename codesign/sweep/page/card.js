// The card of a point: every value of it, and where each figure is from. Hovering shows it, a click holds it.
const card = { box: document.getElementById("card"), held: null };

function showCard(row, x, y, held = false) {
  if (card.held !== null && !held) return;
  card.held = held ? row.index : null;
  card.box.classList.toggle("held", held);
  card.box.replaceChildren(...cardOf(row, held));
  card.box.hidden = false;
  const { width, height } = card.box.getBoundingClientRect();
  card.box.style.left = `${Math.max(8, x + 16 + width > innerWidth ? x - width - 16 : x + 16)}px`;
  card.box.style.top = `${Math.max(8, Math.min(y - 40, innerHeight - height - 8))}px`;
  markHeld();
}

function hideCard(always = false) {
  if (card.held !== null && !always) return;
  card.held = null;
  card.box.hidden = true;
  markHeld();
}

function cardOf(row, held) {
  const title = element("h3", {}, `Point ${row.values[0]}: ${STATUS[row.status]}`);
  if (held) title.prepend(element("button", { textContent: "×", title: "close", onclick: () => hideCard(true) }));
  const body = element("tbody");
  for (const index of [...axes, ...figures]) {
    if (row.values[index] === null) continue;
    const { name, unit, objective } = columns[index];
    const source = row.sources[index];
    const value = `${spell(row.values[index])} ${unit}`.trim();
    const said = source ? `${SIGN[data.kinds[source]]} ${source}` : "";
    body.append(element("tr", { className: objective ? "objective" : "" }, element("th", { textContent: name }),
      element("td", { textContent: value }), element("td", { className: "source", textContent: said })));
  }
  const parts = [title, element("table", {}, body)];
  const say = (text) => text && parts.push(element("p", { textContent: text }));
  say(row.stopped && `Stopped in ${row.stage}: ${row.stopped}`);
  say(row.missed.length && `Misses ${row.missed.join(", ")}`);
  for (const [stage, decision] of Object.entries(row.decisions)) say(`${stage}: ${decision}`);
  if (held && row.command) parts.push(element("p", {}, element("code", { textContent: row.command }), copyButton(row.command)));
  return parts;
}

function copyButton(text) {
  const button = element("button", { type: "button", textContent: "copy", title: text });
  button.addEventListener("click", async (event) => {
    event.stopPropagation();
    button.textContent = (await copy(text)) ? "copied" : "not copied";
    setTimeout(() => { button.textContent = "copy"; }, 1500);
  });
  return button;
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch { // no permission, or not a secure context: the way of old browsers
    const area = document.body.appendChild(element("textarea", { value: text }));
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}

document.addEventListener("keydown", (event) => { if (event.key === "Escape") hideCard(true); });
