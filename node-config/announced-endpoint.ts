import { type FileSet, file, merge, readTree } from "./file-set";

/** The address of the API server's endpoint, IPv4, on each control plane whose own API server is ready, for BIRD to announce. */
export function announcedEndpointFiles(address: string): FileSet {
  return merge(readTree("endpoint"), readTree("announced-endpoint"), file("/etc/kjerne/endpoint", `${address}\n`));
}
