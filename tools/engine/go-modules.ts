import { cp, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { cached } from "../cache";
import { go, goBuild } from "../go-build";

const modules = join(__dirname, "modules");

/** The version that the built CLI reports; modules/pulumi/go.mod requires the same one. */
export const pulumiVersion = "v3.259.0";

/**
 * The release of the kubernetes provider to which the commit in modules/kubernetes/go.mod belongs (2024-09-30). Go's
 * module proxy has no newer one.
 */
export const kubernetesProviderVersion = "4.18.1";

/** Builds the Pulumi CLI from its Go module, about four minutes on two cores. @returns path of the binary */
export async function buildPulumi(say: (line: string) => void): Promise<string> {
  const inputs = await moduleFiles("pulumi");
  const directory = await cached("pulumi", [pulumiVersion, ...inputs], async (out) => {
    say(`pulumi: builds ${pulumiVersion} from Go modules (the first time only, about 4 minutes)`);
    const programs = { pulumi: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi" };
    const values = { "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version": pulumiVersion };
    await goBuild(join(modules, "pulumi"), { programs, values }, out);
  });
  return join(directory, "pulumi");
}

/**
 * Builds the kubernetes provider from its Go module, about nine minutes on two cores.
 *
 * @param sdk Version of the SDK that programs import: the engine warns at each run about a provider that is older.
 * @returns path of the binary
 */
export async function buildKubernetesProvider(sdk: string, say: (line: string) => void): Promise<string> {
  const inputs = await moduleFiles("kubernetes");
  const named = `${sdk}+built.from.${kubernetesProviderVersion}`;
  const directory = await cached("pulumi-resource-kubernetes", [named, ...inputs], async (out) => {
    say("kubernetes provider: builds it from Go modules (the first time only, about 9 minutes)");
    const provider = "github.com/pulumi/pulumi-kubernetes/provider/v4";
    const source = join(out, "source");
    await cp(join(modules, "kubernetes"), source, { recursive: true });
    await go(source, "mod", "download", provider);
    const module = await go(source, "list", "-m", "-f", "{{.Dir}}", provider);
    for (const file of ["schema.json", "terraform-mapping.json"]) {
      await cp(join(module.trim(), "cmd/pulumi-resource-kubernetes", file), join(source, file));
    }
    const values = { [`${provider}/pkg/version.Version`]: named };
    await goBuild(source, { programs: { "pulumi-resource-kubernetes": "." }, values }, out);
    await rm(source, { recursive: true });
  });
  return join(directory, "pulumi-resource-kubernetes");
}

async function moduleFiles(name: string): Promise<string[]> {
  const files = name === "kubernetes" ? ["go.mod", "go.sum", "main.go"] : ["go.mod", "go.sum"];
  return Promise.all(files.map((file) => readFile(join(modules, name, file), "utf8")));
}
