import { join } from "node:path";
import { go } from "../go-build";
import { run } from "../run";
import { buildGoModule, type GoModule } from "../supply/go-module";

/** The newest benchmark that this version of kube-bench knows; the cluster's Kubernetes is newer. */
export const benchmark = "cis-1.10";
const module = "github.com/aquasecurity/kube-bench";
const kubeBench: GoModule = { name: "kube-bench", programs: { "kube-bench": module } };

/** kube-bench with the files of the benchmark, as verify/cis.sh takes it: base64 of a tar.gz. */
export async function packedKubeBench(say: (line: string) => void): Promise<string> {
  const programs = await buildGoModule(kubeBench, say);
  const source = join(__dirname, "../supply/modules/kube-bench");
  const files = (await go(source, "list", "-m", "-f", "{{.Dir}}", module)).trim();
  const parts = ["-C", programs, "kube-bench", "-C", files, "cfg/config.yaml", `cfg/${benchmark}`];
  // Modules lie in Go's cache without the right to write, which tar would give to what it unpacks.
  const command = 'tar --create --gzip --mode=u+rwX --owner=0 --group=0 "$@" | base64 --wrap=0';
  return run("bash", ["-o", "pipefail", "-c", command, "tar", ...parts]);
}
