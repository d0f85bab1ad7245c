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
