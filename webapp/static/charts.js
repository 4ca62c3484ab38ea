// Charts drawn with Chart.js from the tables that stand beside them: a row's `data-value` is a bar, its first cell the
// label. `data-before` is a point of the line of the time before; a row with `data-now` is not over yet. Without a
// script, and for a screen reader, the table is the chart.

const drawn = new WeakMap();

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function rowsOf(figure) {
  return [...figure.querySelectorAll("tbody tr[data-value]")].map((row) => ({
    label: row.cells[0].textContent.trim(),
    value: Number(row.dataset.value),
    before: Number(row.dataset.before ?? 0),
    now: "now" in row.dataset,
    text: (row.cells[1].querySelector("a") ?? row.cells[1]).textContent.trim(),
    href: row.querySelector("a")?.href,
  }));
}

function options(rows) {
  const ink = colour("--faint");
  return {
    responsive: true,
    maintainAspectRatio: false,
    animation: false,
    onClick: (_event, found) => {
      const href = found.length && rows[found[0].index].href;
      if (href) location.assign(href);
    },
    plugins: {
      legend: { display: false },
      tooltip: {
        displayColors: false,
        filter: (item) => item.datasetIndex === 0,
        callbacks: { label: (item) => rows[item.dataIndex].text },
      },
    },
    scales: {
      x: { grid: { display: false }, ticks: { color: ink, maxRotation: 0, autoSkipPadding: 16 } },
      y: {
        border: { display: false },
        grid: { color: colour("--edge") },
        ticks: {
          color: ink,
          maxTicksLimit: 6,
          callback: (value) => new Intl.NumberFormat(document.documentElement.lang, { notation: "compact" }).format(value),
        },
      },
    },
  };
}

// What is not over yet: stripes, which are told from a low bar without colour, on paper too.
function hatched(canvas, ink) {
  const tile = document.createElement("canvas");
  tile.width = tile.height = 8;
  const pen = tile.getContext("2d");
  pen.strokeStyle = ink;
  pen.lineWidth = 2;
  for (const shift of [-4, 0, 4, 8]) {
    pen.moveTo(shift, 8);
    pen.lineTo(shift + 8, 0);
  }
  pen.stroke();
  return canvas.getContext("2d").createPattern(tile, "repeat");
}

// The average of the bars that are over, from the first with anything in it: before that there was no shop, or it was
// not open yet. As a line through all of them; of a few it says nothing.
function average(rows) {
  const first = rows.findIndex((row) => row.value);
  const now = rows.findIndex((row) => row.now);
  const over = first < 0 ? [] : rows.slice(first, now < 0 ? rows.length : now);
  if (over.length < 3) return null;
  return over.reduce((sum, row) => sum + row.value, 0) / over.length;
}

function line(data, ink, dashes) {
  return { type: "line", data, borderColor: ink, borderWidth: 1.5, borderDash: dashes, pointRadius: 0, pointHitRadius: 0 };
}

function draw(figure) {
  const rows = rowsOf(figure);
  drawn.get(figure)?.destroy();
  figure.querySelector(".chart-canvas")?.remove();
  if (!rows.length) return;
  const box = document.createElement("div");
  box.className = "chart-canvas";
  box.setAttribute("aria-hidden", "true");
  const canvas = box.appendChild(document.createElement("canvas"));
  figure.prepend(box);
  const [ink, other, mean] = [colour("--c0"), colour("--c1"), average(rows)];
  const bars = {
    data: rows.map((row) => row.value),
    backgroundColor: rows.map((row) => (row.now ? hatched(canvas, ink) : ink)),
    borderColor: ink,
    borderWidth: rows.map((row) => (row.now ? 1 : 0)),
    borderRadius: 3,
    maxBarThickness: 40,
    order: 1,
  };
  const datasets = [bars];
  const first = rows.findIndex((row) => row.before); // before that there was no shop yet
  if (first >= 0) datasets.push(line(rows.map((row, at) => (at < first ? null : row.before)), other, []));
  if (mean !== null) datasets.push(line(rows.map(() => mean), colour("--faint"), [4, 4]));
  const labels = rows.map((row) => row.label);
  drawn.set(figure, new Chart(canvas, { type: "bar", data: { labels, datasets }, options: options(rows) }));
}

export function drawCharts(part) {
  if (!("Chart" in window)) return;
  for (const figure of part.querySelectorAll("[data-chart]")) draw(figure);
}

// Paper has shades of its own.
for (const [event, printing] of [["beforeprint", true], ["afterprint", false]]) {
  addEventListener(event, () => {
    document.documentElement.toggleAttribute("data-printing", printing);
    drawCharts(document);
  });
}

// A theme that follows the device changes the colours of what is drawn already; so does the way back from paper.
for (const media of ["(prefers-color-scheme: dark)", "print"]) {
  matchMedia(media).addEventListener("change", () => drawCharts(document));
}
