import type { Leg, Measured, MeasuredNode, MeasuredPath } from "../../components/measure/measured";
import { median } from "../../components/measure/statistics";
import { type Html, html } from "../pages/html";
import { roundTrips, throughput, topology } from "./charts";
import { figure, said, section, table } from "./parts";

export function networkSections(measured: Measured): readonly Html[] {
  return [
    topologySection(measured),
    pathsSection(measured),
    servicesSection(measured),
    dnsSection(measured),
    landmarksSection(measured),
  ].flatMap((one) => one ?? []);
}

function topologySection({ nodes, wanted }: Measured): Html {
  return section(
    "topology",
    "Nodes and routes",
    figure(topology(nodes), "BGP sessions: a green line is Established, a red one is not. A square is no node."),
    table(
      "BGP sessions and routes of each node",
      ["Node", "Role", "Address", "Sessions", "Routes that BGP taught"],
      nodes.map(({ name, role, address, bgp, routes }) => [
        ...[name, role, address],
        said(bgp, (sessions) => sessions.map(({ neighbour, state }) => `${neighbour} ${state}`).join(", ") || "none"),
        said(
          routes,
          (all) => html`${all.map(({ to, via, device, kind }) => html`${to} via ${via} dev ${device} (${kind})<br>`)}`,
        ),
      ]),
    ),
    table(
      `MTU of each device, in bytes; the settings want ${wanted.mtu}`,
      ["Node", "NIC", "Next pod", "Other devices"],
      nodes.map((node) => [node.name, ...mtus(node)]),
      [2],
    ),
  );
}

function mtus({ nic, podMtu, links }: MeasuredNode): (string | number | Html)[] {
  const name = "value" in nic ? nic.value.name : "";
  return [
    said(nic, ({ name, mtu }) => `${name} ${mtu}`),
    said(podMtu, (mtu) => mtu),
    said(links, (all) =>
      all
        .filter((link) => link.name !== name)
        .map((link) => `${link.name} ${link.mtu} (${link.kind})`)
        .join(", "),
    ),
  ];
}

function pathsSection(measured: Measured): Html {
  const { paths, pairs, problem } = measured;
  const rows = paths.flatMap((path) => (["host", "pod"] as const).map((network) => pathRow(path, network)));
  const some = paths.some(({ host, pod }) => "value" in host || "value" in pod);
  return section(
    "paths",
    "Between nodes, and between their pods",
    html`<p>Each path is measured in turns of host, pod, pod, host, so that a neighbour disturbs both. The articles behind kjerne
give a variance of less than 0.5 ms for a network like this one, and ±15 ms for one with neighbours. Without encapsulation,
1.00 is what a ratio of pod to host should be near.</p>`,
    problem ? html`<p class="unverifiable">Pods were not measured: ${problem}</p>` : undefined,
    some ? figure(roundTrips(measured), "Round trips of a small TCP message.") : undefined,
    some ? figure(throughput(measured), "TCP throughput of one flow, a second at a time.") : undefined,
    table(
      `Paths: ${paths.length} of ${pairs} pairs`,
      [
        "Path",
        "Network",
        "Median",
        "p99",
        "p99 − median",
        "Throughput",
        "Small messages sent again",
        "Packet in one piece",
      ],
      rows,
      [2, 3, 4, 5, 6, 7],
    ),
    table(
      "Pod over host, in each turn",
      ["Path", "Round trip, median", "Round trip, range", "Throughput, median", "Throughput, range"],
      paths.flatMap(({ from, to, rounds }) => {
        if (rounds.length === 0) return [];
        const [trips, rates] = [
          rounds.map(({ roundTripRatio }) => roundTripRatio),
          rounds.map(({ throughputRatio }) => throughputRatio),
        ];
        return [[`${from} – ${to}`, middle(trips), range(trips), middle(rates), range(rates)]];
      }),
      [1, 2, 3, 4],
    ),
  );
}

function pathRow({ from, to, mtu, ...path }: MeasuredPath, network: "host" | "pod"): (string | Html)[] {
  const leg = path[network];
  const of = (say: (leg: Leg) => string) => said(leg, say) as string | Html;
  const milliseconds = (microseconds: number) => `${(microseconds / 1000).toFixed(3)} ms`;
  if ("unreadable" in leg) return [`${from} – ${to}`, network, of(() => ""), "", "", "", "", ""];
  return [
    ...[`${from} – ${to}`, network],
    of(({ roundTripMicroseconds: took }) => milliseconds(took.p50)),
    of(({ roundTripMicroseconds: took }) => milliseconds(took.p99)),
    of(({ roundTripMicroseconds: took }) => milliseconds(took.p99 - took.p50)),
    of(({ throughputMbits }) => `${throughputMbits.p50.toFixed(0)} Mbit/s`),
    of(({ segments, retransmits }) => `${retransmits} of ${segments}`),
    network === "host" ? (said(mtu, (bytes) => (bytes > 0 ? `${bytes} bytes` : "no echo")) as string | Html) : "",
  ];
}

const middle = (values: readonly number[]) => median(values).toFixed(2);
const range = (values: readonly number[]) => `${Math.min(...values).toFixed(2)} to ${Math.max(...values).toFixed(2)}`;

/** So many ports of Services stand in the page; all of them are in report.json. */
const listed = 30;

function servicesSection({ nodes }: Measured): Html {
  return section(
    "services",
    "Services in the kernel",
    ...nodes.map(({ name, proxy }) => {
      if ("unreadable" in proxy) return html`<h3>${name}</h3><p>${said(proxy, () => "")}</p>`;
      const { mode, services, timeouts } = proxy.value;
      const of = (one: (typeof services)[number]) =>
        one.endpoints.reduce((sum, { connections }) => sum + connections, 0);
      const shown = [...services].sort((a, b) => of(b) - of(a)).slice(0, listed);
      const aged = timeouts
        ? ` Seconds until an idle connection is forgotten: TCP ${timeouts.tcp}, closing TCP ${timeouts.tcpFin}, UDP ${timeouts.udp}.`
        : "";
      return html`<h3>${name}</h3>
<p>kube-proxy runs in mode ${mode}: ${services.length} ports of Services.${aged}</p>
${
  table(
    `Services on ${name}${services.length > listed ? `: ${listed} with most connections` : ""}`,
    ["Service", "Name", "Endpoints", "Connections"],
    shown.map((one) => [
      one.service,
      one.name ?? one.scheduler ?? "",
      one.endpoints.map(({ address, connections }) => `${address} (${connections})`).join(", ") || "none",
      of(one),
    ]),
    [3],
  ) ?? html``
}`;
    }),
  );
}

function dnsSection({ dns }: Measured): Html | undefined {
  const milliseconds = (microseconds?: number) =>
    microseconds === undefined ? "" : `${(microseconds / 1000).toFixed(2)} ms`;
  const rows = dns.map(({ node, server, asked, answered, answerMicroseconds: took }) => [
    ...[node, server, `${answered} of ${asked}`],
    ...[took?.p50, took?.p90, took?.p99, took?.most].map(milliseconds),
  ]);
  if (rows.length === 0) return undefined;
  return section(
    "dns",
    "DNS",
    table(
      "CoreDNS, asked by pods for a name of the cluster: its Service, then each endpoint",
      ["Asked from", "Server", "Answered", "Median", "p90", "p99", "Longest"],
      rows,
      [2, 3, 4, 5, 6],
    ),
  );
}

function landmarksSection({ landmarks }: Measured): Html | undefined {
  if (landmarks.length === 0) return undefined;
  return section(
    "landmarks",
    "Distance to landmarks",
    html`<p>Light in fibre travels 200 km in a millisecond, so a round trip of one millisecond is at most 100 km of fibre. It is an upper
bound: a round trip can be made longer and never shorter. It is as good as the landmark's own place.</p>`,
    table(
      "Shortest round trips",
      ["From", "Landmark", "Address", "Round trip", "Distance"],
      landmarks.map(({ node, name, address, roundTripMicroseconds, atMostKilometres }) => [
        ...[node, name, address],
        said(roundTripMicroseconds, (took) => `${(took / 1000).toFixed(2)} ms`),
        atMostKilometres === null ? "" : `at most ${atMostKilometres} km`,
      ]),
      [3, 4],
    ),
  );
}
