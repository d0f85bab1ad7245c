import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { birdConfig } from "../node-config/routers/bird";
import { routersOf } from "../node-config/routers/facts";
import { frrConfig } from "../node-config/routers/frr";
import { explained } from "../node-config/workload/explained";
import { page } from "../review/network/page";
import { settingsIn } from "../stacks/settings-file";
import { readStackSettings } from "./preconditions";
import { runCommand } from "./run-command";

const options = {
  stack: { type: "string" },
  /** @default network/<stack> */
  output: { type: "string" },
} as const;

const repository = join(__dirname, "..");

/** `make network`: why a stack has its network, as a page; and the configuration of its routers. Asks no machine. */
async function main(): Promise<void> {
  const { values } = parseArgs({ options });
  const { stack, file } = await readStackSettings(
    repository,
    "network",
    values.stack,
    process.env.PULUMI_OPTION_CONFIG_FILE,
  );
  const settings = settingsIn(await readFile(resolve(repository, file), "utf8"), file);
  const found = explained(settings.workload);
  const routers = routersOf(settings).map((router) => ({
    name: router.name,
    neighbours: router.nodes.length,
    contents: {
      [`router/${router.name}/bird.conf`]: birdConfig(router),
      [`router/${router.name}/frr.conf`]: frrConfig(router),
    },
  }));
  const shown = routers.map(({ contents, ...router }) => ({ ...router, files: Object.keys(contents) }));
  const output = values.output ?? join(repository, "network", stack);
  const files: Readonly<Record<string, string>> = {
    "network.html": page({ stack, ...found, routers: shown }),
    ...Object.assign({}, ...routers.map(({ contents }) => contents)),
  };
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(output, name)), { recursive: true });
    await writeFile(join(output, name), content);
  }
  const { choice } = found;
  const told = choice
    ? [`Network profile of ${stack}: ${choice.profile}. ${choice.because}`, ...choice.answers.map((one) => `  ${one}`)]
    : [`${file} answers none of the six questions of kjerne:workload, so no profile is chosen.`];
  const missing = choice?.notHere.map((one) => `  not there: ${one}`) ?? [];
  console.log([...told, ...missing, "", ...Object.keys(files).map((name) => join(output, name))].join("\n"));
}

runCommand(main, 1);
