import { accepted, refused } from "./refused";

const allow = (...entries: object[]) => [{ namespace: "production", allow: entries }];
const web = { from: "web", to: "db", port: 5432 };

refused([
  [
    "defaultDeny",
    [{ namespace: "kube-system" }],
    /the cluster itself runs there and would be cut off; remove the entry/,
  ],
  [
    "defaultDeny",
    [{ namespace: "kjerne-verify" }],
    /namespace \(kjerne-verify\): the verification makes this namespace and deletes it .*; choose another/,
  ],
  ["defaultDeny", [{ namespace: "kjerne-verify-open" }], /the verification makes this namespace/],
  ["defaultDeny", [{ namespace: "Production" }], /namespace \(Production\): is not a namespace: at most 63/],
  ["defaultDeny", [{ namespace: "team_a" }], /is not a namespace/],
  ["defaultDeny", [{ namespace: "team.a" }], /is not a namespace/],
  ["defaultDeny", [{ namespace: "x".repeat(64) }], /is not a namespace/],
  [
    "defaultDeny",
    [{ namespace: "production" }, { namespace: "production" }],
    /production is listed twice; put all that it allows into one/,
  ],
  [
    "defaultDeny",
    allow(web, web),
    /defaultDeny\[0\]\.allow: production\/web to production\/db, TCP 5432 is allowed twice; remove one/,
  ],
  [
    "defaultDeny",
    allow({ ...web, from: "web.v1" }, { ...web, from: "web-v1" }),
    /web\.v1 to .* and production\/web-v1 to .* would both be the policy .*; give the pods of one another label/,
  ],
  ["defaultDeny", allow({ ...web, from: "Web" }, web), /would both be the policy/],
  ["defaultDeny", allow({ ...web, from: "a b" }), /allow\[0\]\.from \(a b\): is not the value of a label/],
  ["defaultDeny", allow({ ...web, from: "" }), /allow\[0\]\.from \(""\): is empty; write the value of the label app/],
  ["defaultDeny", allow({ ...web, to: "-x" }), /allow\[0\]\.to \(-x\): is not the value of a label/],
  ["defaultDeny", allow({ ...web, port: 0 }), /allow\[0\]\.port \(0\): Too small/],
  ["defaultDeny", allow({ ...web, port: 65536 }), /allow\[0\]\.port \(65536\): Too big/],
  ["defaultDeny", allow({ ...web, port: "http" }), /allow\[0\]\.port \(http\): .*expected number/],
  ["defaultDeny", allow({ from: "web", to: "db" }), /production\/db, TCP: has no port; give port: 8080, or ports/],
  ["defaultDeny", allow({ ...web, from: {} }), /allow\[0\]\.from: is empty; name a namespace, labels/],
  ["defaultDeny", allow({ ...web, from: { pod: "a" } }), /allow\[0\]\.from: Unrecognized key: "pod"; remove it/],
  [
    "defaultDeny",
    allow({ ...web, from: { cidr: "10.1.2.3/8" } }),
    /from\.cidr \(10\.1\.2\.3\/8\): has bits set behind/,
  ],
  ["defaultDeny", allow({ ...web, from: { cidr: "169.254.169.254/32" } }), /from\.cidr .*is link-local/],
  ["defaultDeny", allow({ ...web, from: { cidr: "::/0" } }), /from\.cidr \(::\/0\): is not an IPv4 network/],
  [
    "defaultDeny",
    allow({ ...web, to: { apiServer: true } }),
    /allow\[0\]\.to: .*Unrecognized key: "apiServer"|is empty/,
  ],
  [
    "defaultDeny",
    allow({ ...web, from: { cidr: "10.1.0.0/16", namespace: "shop" } }),
    /from: names namespace and cidr, of which one alone can be meant/,
  ],
  [
    "defaultDeny",
    allow({ ...web, from: { cidr: "10.1.0.0/16", labels: { a: "b" } } }),
    /from: has labels, which only pods/,
  ],
  ["defaultDeny", allow({ ...web, port: undefined, ports: ["80-70"] }), /ports\[0\] \(80-70\): has no port in it/],
  ["defaultDeny", allow({ ...web, port: undefined, ports: ["1-70000"] }), /ends behind 65535/],
  ["defaultDeny", allow({ ...web, port: undefined, ports: ["http"] }), /ports\[0\] \(http\): is neither a port/],
  ["defaultDeny", allow({ ...web, port: undefined, ports: [] }), /ports: Too small/],
  [
    "defaultDeny",
    allow({ to: "db", from: { cidr: "0.0.0.0/0" }, ports: ["1-65535"] }),
    /opens 65535 ports to the 4294967296 addresses of 0\.0\.0\.0\/0, which is hardly less than no policy; name at most/,
  ],
  [
    "defaultDeny",
    allow({ from: "db", to: { namespaces: "all" }, ports: ["1-30000", "30001-65535"] }),
    /opens 65535 ports to every pod of the cluster/,
  ],
  [
    "defaultDeny",
    allow({ ...web, from: { namespace: "shop" } }),
    /shop to production\/db, TCP 5432: nothing allows it in shop, which defaultDeny does not list; add an entry/,
  ],
  [
    "defaultDeny",
    allow({ ...web, from: { namespace: "a" }, to: { namespace: "b" } }),
    /a to b, TCP 5432: neither end is in production; write it at a namespace/,
  ],
  ["otherNamespaces", undefined, /otherNamespaces: is missing; write closed to deny .* reported until nothing is told/],
  ["otherNamespaces", "open", /otherNamespaces \(open\): is neither closed nor reported/],
]);

accepted([
  ["defaultDeny", []],
  ["defaultDeny", allow(web, { ...web, port: 5433 }, { ...web, protocol: "UDP" }, { ...web, from: "Web_1" })],
  ["defaultDeny", [{ namespace: "1team" }]],
  [
    "defaultDeny",
    [
      { namespace: "shop", allow: [{ from: { namespace: "production" }, to: { labels: { tier: "db" } }, port: 5432 }] },
      ...allow(
        { from: { namespace: "production" }, to: { namespace: "shop", labels: { tier: "db" } }, port: 5432 },
        { from: { cidr: "0.0.0.0/0" }, to: "ingress", ports: [80, 443, "30000-30100"] },
        { from: { apiServer: true }, to: { labels: { "app.kubernetes.io/name": "webhook" } }, port: 10250 },
        { from: "metrics", to: { namespaces: "all", labels: { metrics: "yes" } }, ports: [9100] },
        { from: "clock", to: { namespace: "kube-system" }, port: 123, protocol: "UDP" },
        { from: "a", to: { namespace: "production" }, ports: ["1-65535"], protocol: "SCTP" },
      ),
    ],
  ],
]);
