export interface VirtualServer {
  /** As in `TCP 10.96.0.1:443`. */
  readonly service: string;
  readonly scheduler: string;
  /** `address:port` of the endpoints that get new connections. */
  readonly endpoints: readonly string[];
}

/**
 * `ipvsadm -Sn`: `-A -t ADDRESS:PORT -s SCHEDULER` and for each endpoint `-a -t ADDRESS:PORT -r ADDRESS:PORT -m -w
 * WEIGHT`.
 */
export function virtualServers(text: string): VirtualServer[] {
  const lines = text.split("\n").map((line) => line.trim().split(" "));
  const serviceOf = (words: string[]) => `${words[1] === "-u" ? "UDP" : "TCP"} ${words[2]}`;
  const after = (words: string[], flag: string) => words[words.indexOf(flag) + 1] ?? "";
  return lines
    .filter(([verb]) => verb === "-A")
    .map((words) => ({
      service: serviceOf(words),
      scheduler: after(words, "-s"),
      endpoints: lines
        .filter((line) => line[0] === "-a" && serviceOf(line) === serviceOf(words) && after(line, "-w") !== "0")
        .map((line) => after(line, "-r")),
    }));
}
