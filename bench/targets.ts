/** A Service whose cost is counted: the middle one or the last one in the order in which iptables tries them. */
export interface Target {
  readonly size: number;
  readonly position: "middle" | "last";
  readonly protocol: "udp" | "tcp";
  readonly address: string;
  readonly endpoint: string;
}

/** The targets of one size, in the rules of iptables, for pods of a /16. */
export function targetsIn(rules: string, size: number, podCidr: string): Target[] {
  const found = [
    ...rules.matchAll(/^-A KUBE-SERVICES -d (10\.96\.[\d.]+)\/32 -p (udp|tcp) .*--dport 80 -j KUBE-SVC/gm),
  ];
  if (found.length !== size) throw new Error(`there are ${found.length} Services in rules for ${size}`);
  return (["middle", "last"] as const).flatMap((position) =>
    (["udp", "tcp"] as const).map((protocol) => {
      const upTo = position === "last" ? found : found.slice(0, size / 2);
      const [, address = ""] = upTo.filter(([, , of]) => of === protocol).at(-1) ?? [];
      const endpoint = address.replace("10.96.", podCidr.replace(/0\.0\/16$/, ""));
      return { size, position, protocol, address, endpoint };
    }),
  );
}
