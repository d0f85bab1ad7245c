import { execFile } from "node:child_process";
import { cp, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { cached } from "../cache";

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
    const variable = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version";
    await goBuild(join(modules, "pulumi"), join(out, "pulumi"), `-X ${variable}=${pulumiVersion}`, [
      "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
    ]);
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
    await go(source, ["mod", "download", provider]);
    const { stdout: module } = await go(source, ["list", "-m", "-f", "{{.Dir}}", provider]);
    for (const file of ["schema.json", "terraform-mapping.json"]) {
      await cp(join(module.trim(), "cmd/pulumi-resource-kubernetes", file), join(source, file));
    }
    const version = `-X ${provider}/pkg/version.Version=${named}`;
    await goBuild(source, join(out, "pulumi-resource-kubernetes"), version, ["."]);
    await rm(source, { recursive: true });
  });
  return join(directory, "pulumi-resource-kubernetes");
}

/** -s -w: without symbol tables the binaries are a third smaller. */
function goBuild(directory: string, out: string, linkerFlags: string, packages: string[]) {
  return go(directory, [
    "build",
    "-mod=readonly",
    "-trimpath",
    `-ldflags=-s -w ${linkerFlags}`,
    "-o",
    out,
    ...packages,
  ]);
}

/** GOTOOLCHAIN: a distribution may pin Go to the version it ships; go.mod says which one is needed, and Go fetches it. */
async function go(cwd: string, args: string[]): Promise<{ stdout: string }> {
  try {
    const env = { ...process.env, CGO_ENABLED: "0", GOTOOLCHAIN: "auto", GOWORK: "off" };
    return await promisify(execFile)("go", args, { cwd, env, maxBuffer: Number.POSITIVE_INFINITY });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw new Error(
      "go is not on PATH, and neither is pulumi. Install Pulumi (https://www.pulumi.com/docs/install/), " +
        "or Go 1.23 or newer to build it (Debian 12: apt install -t bookworm-backports golang-go)",
    );
  }
}

async function moduleFiles(name: string): Promise<string[]> {
  const files = name === "kubernetes" ? ["go.mod", "go.sum", "main.go"] : ["go.mod", "go.sum"];
  return Promise.all(files.map((file) => readFile(join(modules, name, file), "utf8")));
}
