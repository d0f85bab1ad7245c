export interface Route {
  readonly to: string;
  readonly gateway?: string;
  readonly device?: string;
}

/** `ip -j route`, without those that lead nowhere. */
export function routes(text: string): Route[] {
  const all: { dst: string; gateway?: string; dev?: string; type?: string }[] = JSON.parse(text);
  return all.filter((route) => !route.type).map(({ dst, gateway, dev }) => ({ to: dst, gateway, device: dev }));
}

/** All routes, each with its device. */
export function tunnelRoutes(text: string) {
  const all: { dst: string; dev?: string }[] = JSON.parse(text);
  const through = (device: string) => all.filter(({ dev }) => dev === device).map(({ dst }) => dst);
  return { ipip: through("tunl0"), vxlan: through("vxlan.calico") };
}

/**
 * Networks that sessions with routers export, by the router's address. A line is the name of a session, which Calico makes
 * from the address (`Global_10_20_0_1`), or one of BIRD's answer, which has the network first, after a number and a dash
 * where another table begins.
 */
export function announced(text: string): Record<string, string[]> {
  const told: Record<string, string[]> = {};
  let router = "";
  for (const line of text.split("\n")) {
    const [, session] = /^(?:Global|Node)_(\d+(?:_\d+){3})$/.exec(line) ?? [];
    const [, network] = /^(?:\d{4}-| )(\d+(?:\.\d+){3}\/\d+)\s/.exec(line) ?? [];
    if (session) {
      router = session.replaceAll("_", ".");
      told[router] = [];
    } else if (network) told[router]?.push(network);
  }
  return told;
}
