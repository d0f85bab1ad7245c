import { cp, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { cached } from "../cache";
import { go, goBuild } from "../go-build";

const modules = join(__dirname, "modules");

/** What the CLI is built as; its own modules name the same version in go.mod. */
export const pulumiVersion = "v3.259.0";

/** The release that the kubernetes provider's commit of 2024-09-30 belongs to. Newer ones are in no module proxy. */
export const kubernetesProviderVersion = "4.18.1";

/** The Pulumi CLI from its Go module. About four minutes on two cores; the path of the binary. */
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
 * The kubernetes provider from its Go module. About nine minutes on two cores; the path of the binary.
 *
 * @param sdk - version of the SDK that programs use: the engine warns at each run about a provider that is older
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
