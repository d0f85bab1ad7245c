import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before } from "node:test";
import { makeSshServer, type SshServer, type SshServerOptions } from "./ssh-server";
import { makeWorkspace, type Workspace } from "./workspace";

/** What the tests of one file play on: a stack, and a machine that it reaches. There as soon as the first test runs. */
export interface Stage extends Workspace {
  readonly server: SshServer;
  /** A file in the stack's directory. */
  path(name: string): string;
  read(name: string): Promise<string>;
}

/** Makes both before the tests of the file that calls it, and takes them away after them. */
export function makeStage(program: string, options?: SshServerOptions): Stage {
  const stage = {
    path: (name) => join(stage.directory, name),
    read: (name) => readFile(stage.path(name), "utf8"),
  } as Stage;

  before(async () => {
    const [server, workspace] = await Promise.all([makeSshServer(options), makeWorkspace(program)]);
    await server.start();
    Object.assign(stage, workspace, { server });
  });
  after(async () => {
    await stage.remove();
    await stage.server.stop();
  });
  return stage;
}
