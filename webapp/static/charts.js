// Charts drawn with Chart.js from the tables that stand beside them: a row's `data-value` is a point, its first cell
// the label. Without a script, and for a screen reader, the table is the chart.

const drawn = new WeakMap();

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function rowsOf(figure) {
  return [...figure.querySelectorAll("tbody tr[data-value]")].map((row) => ({
    label: row.cells[0].textContent.trim(),
    value: Number(row.dataset.value),
    text: (row.cells[1].querySelector("a") ?? row.cells[1]).textContent.trim(),
    href: row.querySelector("a")?.href,
  }));
}

function options(kind, rows) {
  const doughnut = kind === "doughnut";
  const ink = colour("--faint");
  return {
    responsive: true,
    maintainAspectRatio: false,
    animation: false,
    cutout: "65%",
    onClick: (_event, found) => {
      const href = found.length && rows[found[0].index].href;
      if (href) location.assign(href);
    },
    plugins: {
      legend: { display: false },
      tooltip: { displayColors: false, callbacks: { label: (item) => rows[item.dataIndex].text } },
    },
    scales: doughnut
      ? {}
      : {
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
  const kind = figure.dataset.chart;
  const colours = [0, 1, 2, 3, 4, 5].map((i) => colour(`--c${i}`));
  drawn.set(
    figure,
    new Chart(canvas, {
      type: kind,
      data: {
        labels: rows.map((row) => row.label),
        datasets: [
          {
            data: rows.map((row) => (kind === "doughnut" ? Math.max(row.value, 0) : row.value)),
            backgroundColor: kind === "doughnut" ? colours : colours[0],
            borderWidth: 0,
            borderRadius: kind === "doughnut" ? 0 : 3,
            maxBarThickness: 40,
          },
        ],
      },
      options: options(kind, rows),
    }),
  );
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
