// Everything starts here: plots for all pairs of objectives, and one place that redraws them.
const plots = [];

function pairs() {
  if (objectives.length === 1) return [[figures.find((index) => index !== objectives[0]) ?? 0, objectives[0]]];
  const all = objectives.flatMap((first, place) => objectives.slice(place + 1).map((second) => [first, second]));
  return all.map(([first, second]) => (columns[first].better > columns[second].better ? [second, first] : [first, second])); // what is paid, along the bottom
}

function draw() {
  const shown = rows.filter(passes);
  document.getElementById("shown").textContent = `${shown.length.toLocaleString("en-US")} of ${rows.length.toLocaleString("en-US")}`;
  hideCard(true);
  drawLegend();
  for (const plot of plots) plot.draw(shown);
  if (objectives.length) drawParallel(shown);
  drawTable(shown);
}

let asked = 0;
function changed() { // once a frame, however fast a slider moves
  cancelAnimationFrame(asked);
  asked = requestAnimationFrame(draw);
}

makeFilters(changed);
makeParallel();
makeTable();
for (const [x, y] of pairs()) plots.push(makeScatter(x, y));
draw();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
document.body.dataset.ready = "yes";
