import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { valueText } from "./printed";
import type { Result } from "./result";

type Chart = Result["charts"][number];

/** A chart as SVG in HTML, in the colours of the page. */
export function drawn(chart: Chart): string {
  const { document } = parseHTML("<html></html>");
  const style = { background: "none", color: "inherit", fontFamily: "inherit", overflow: "visible" };
  const options = { document: document as unknown as Document, width: 640, style };
  const plot = chart.kind === "bars" ? bars(chart, options) : lines(chart, options);
  return plot.outerHTML;
}

function bars({ points, x, y }: Chart, options: Plot.PlotOptions) {
  return Plot.plot({
    ...options,
    marginLeft: 130,
    marginRight: 60,
    x: { label: x, grid: true },
    y: { label: null, domain: [...new Set(points.map((point) => point.x))] },
    ariaLabel: `${x} for each ${y}`,
    marks: [
      Plot.barX(points, { x: "y", y: "x", fill: "var(--bar)" }),
      Plot.text(points, { x: "y", y: "x", text: (point) => valueText(point.y), dx: 4, textAnchor: "start" }),
      Plot.ruleX([0]),
    ],
  });
}

function lines({ points, x, y }: Chart, options: Plot.PlotOptions) {
  const last = [...new Map(points.map((point) => [point.series, point])).values()];
  return Plot.plot({
    ...options,
    marginLeft: 70,
    marginRight: 140,
    x: { label: x, type: "log", ticks: [...new Set(points.map((point) => Number(point.x)))], tickFormat: "~s" },
    y: { label: y, type: "log", grid: true, tickFormat: "~s" },
    ariaLabel: `${y} by ${x}`,
    marks: [
      Plot.line(points, { x: "x", y: "y", z: "series", stroke: "currentColor" }),
      Plot.dot(points, { x: "x", y: "y", fill: "currentColor" }),
      Plot.text(last, { x: "x", y: "y", text: "series", dx: 8, textAnchor: "start" }),
    ],
  });
}
