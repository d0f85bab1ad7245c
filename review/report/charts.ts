import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import type { Latency, Leg, Measured, MeasuredNode, MeasuredPath } from "../../components/measure/measured";
import { Html } from "../pages/html";

/**
 * Charts as SVG, drawn when the page is made: nothing runs in it and nothing is loaded. Colours are the page's own, so they
 * follow light, dark and print.
 */

/** As wide as a phone shows it without making letters too small. */
const width = 480;
const margins = { marginLeft: 150, marginRight: 24, marginBottom: 44 };

const { document } = parseHTML("<!doctype html><html><body></body></html>");

function drawn(alt: string, options: Plot.PlotOptions): Html {
  const chart = Plot.plot({
    document,
    width,
    ...margins,
    style: { fontSize: "12px", overflow: "visible" },
    ...options,
  });
  // Plot names its groups, and ARIA forbids names of things without a role.
  for (const group of chart.querySelectorAll("g[aria-label]")) group.removeAttribute("aria-label");
  chart.setAttribute("role", "img");
  chart.setAttribute("aria-label", alt);
  return new Html(chart.outerHTML);
}

type Network = "host" | "pod";
const networks = ["host", "pod"] as const;
const colours = { domain: ["host", "pod"], range: ["var(--host)", "var(--pod)"] };

/** Of each path that was measured, both legs that were. */
function legs(paths: readonly MeasuredPath[]): { path: string; network: Network; leg: Leg }[] {
  return paths.flatMap((path) =>
    networks.flatMap((network) => {
      const leg = path[network];
      return "value" in leg ? [{ path: `${path.from} – ${path.to}, ${network}`, network, leg: leg.value }] : [];
    }),
  );
}

/** From the fastest to the 99th percentile, the median as a dot. */
export function roundTrips({ paths }: Measured): Html {
  const rows = legs(paths).map(({ path, network, leg: { roundTripMicroseconds: took } }) => ({
    path,
    network,
    ...took,
  }));
  return drawn(
    "Round trips of small messages by path, between nodes and between pods: the table below has the numbers.",
    {
      height: 74 + 26 * rows.length,
      x: {
        type: "log",
        ticks: 5,
        labelOffset: 40,
        label: "microseconds, fastest to p99, median as a dot →",
        grid: true,
      },
      y: { label: null },
      color: colours,
      marks: [
        Plot.ruleY(rows, { y: "path", x1: "least", x2: "p99", stroke: "network", strokeWidth: 4 }),
        Plot.dot(rows, { y: "path", x: "p50", fill: "network", r: 6 }),
      ],
    },
  );
}

/** Every leg's throughput, from the slowest to the fastest, the median as a dot. */
export function throughput({ paths }: Measured): Html {
  const rows = legs(paths).map(({ path, network, leg: { throughputMbits: rate } }) => ({ path, network, ...rate }));
  return drawn("TCP throughput of one flow by path, between nodes and between pods: the table below has the numbers.", {
    height: 74 + 26 * rows.length,
    x: { ticks: 5, labelOffset: 40, label: "Mbit/s, slowest to fastest, median as a dot →", grid: true, zero: true },
    y: { label: null },
    color: colours,
    marks: [
      Plot.ruleY(rows, { y: "path", x1: "least", x2: "most", stroke: "network", strokeWidth: 4 }),
      Plot.dot(rows, { y: "path", x: "p50", fill: "network", r: 6 }),
    ],
  });
}

/** Steal, I/O wait and use of every machine's processors over the run. */
export function processors({ nodes, hypervisors }: Measured): Html {
  const rows = [...nodes, ...hypervisors].flatMap(({ name, processor }) =>
    "unreadable" in processor
      ? []
      : processor.value.samples.flatMap(({ second, busyPercent, stealPercent, ioWaitPercent }) => [
          { name, second, what: "busy", percent: busyPercent },
          { name, second, what: "steal", percent: stealPercent },
          { name, second, what: "I/O wait", percent: ioWaitPercent },
        ]),
  );
  const machines = new Set(rows.map(({ name }) => name)).size;
  return drawn(
    "Processor time by second of the run: busy, stolen, and idle for the disk. The table below has the means.",
    {
      height: 74 + 80 * machines,
      x: { labelOffset: 40, label: "second of the run →" },
      y: { label: "% of all processors", domain: [0, 100], ticks: [0, 50, 100], grid: true },
      fy: { label: null, padding: 0.2 },
      color: {
        legend: false,
        domain: ["busy", "steal", "I/O wait"],
        range: ["var(--quiet)", "var(--violated)", "var(--unverifiable)"],
      },
      marks: [Plot.line(rows, { fy: "name", x: "second", y: "percent", stroke: "what", strokeWidth: 2 })],
    },
  );
}

/** How often etcd waited for how long, with the limit. Buckets that nothing fell into are left out at both ends. */
export function latencies(name: string, { buckets }: Latency, limitMilliseconds: number): Html {
  const used = buckets.flatMap(({ count }, at) => (count > 0 ? [at] : []));
  const shown = buckets.slice(Math.max(0, Math.min(...used)), Math.max(...used) + 1);
  const label = (upTo: number | null) => (upTo === null ? "more" : `≤ ${upTo} ms`);
  const slow = (upTo: number | null) => upTo === null || upTo > limitMilliseconds;
  const rows = shown.map(({ upToMilliseconds: upTo, count }) => ({ upTo: label(upTo), count, slow: slow(upTo) }));
  return drawn(`${name}: how often it took how long. The table below has the percentiles.`, {
    height: 66 + 24 * rows.length,
    x: { ticks: 5, labelOffset: 40, label: "times →", grid: true },
    y: { label: null, domain: rows.map(({ upTo }) => upTo) },
    color: { domain: [false, true], range: ["var(--shown)", "var(--violated)"] },
    marks: [Plot.barX(rows, { y: "upTo", x: "count", fill: "slow" }), Plot.ruleX([0])],
  });
}

/** Nodes and routers in a ring, with the BGP sessions between them. */
export function topology(nodes: readonly MeasuredNode[]): Html {
  const known = new Map(nodes.map(({ address, name }) => [address, name]));
  const sessions = nodes.flatMap(({ name, bgp }) =>
    "value" in bgp
      ? bgp.value.map(({ neighbour, state }) => ({
          from: name,
          to: known.get(neighbour) ?? neighbour,
          up: state === "Established",
        }))
      : [],
  );
  const names = [...new Set([...nodes.map(({ name }) => name), ...sessions.map(({ to }) => to)])];
  const at = (name: string) => {
    const angle = (2 * Math.PI * names.indexOf(name)) / names.length - Math.PI / 2;
    return { x: Math.cos(angle), y: -Math.sin(angle) };
  };
  const places = names.map((name) => ({ name, ...at(name), node: nodes.some((node) => node.name === name) }));
  const lines = sessions.map(({ from, to, up }) => ({
    x1: at(from).x,
    y1: at(from).y,
    x2: at(to).x,
    y2: at(to).y,
    up,
  }));
  return drawn("Nodes and routers with the BGP sessions between them: the table below lists them.", {
    height: 230,
    marginLeft: 40,
    marginRight: 40,
    marginTop: 30,
    marginBottom: 30,
    x: { axis: null, domain: [-1.3, 1.3] },
    y: { axis: null, domain: [-1.2, 1.2] },
    color: { domain: [true, false], range: ["var(--shown)", "var(--violated)"] },
    symbol: { domain: [true, false], range: ["circle", "square"] },
    marks: [
      Plot.link(lines, { x1: "x1", y1: "y1", x2: "x2", y2: "y2", stroke: "up", strokeWidth: 2 }),
      Plot.dot(places, { x: "x", y: "y", symbol: "node", r: 7, fill: "var(--ink)" }),
      Plot.text(places, {
        x: "x",
        y: "y",
        text: "name",
        dy: -16,
        fill: "var(--ink)",
        stroke: "var(--paper)",
        strokeWidth: 4,
      }),
    ],
  });
}
