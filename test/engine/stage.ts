import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before } from "node:test";
import { makeSshServer, type SshServer, type SshServerOptions } from "./ssh-server";
import { makeWorkspace, type Workspace } from "./workspace";

/** A Pulumi stack and an SSH server that it can reach, shared by the tests of one file; ready before the first test. */
export interface Stage extends Workspace {
  readonly server: SshServer;
  /** Path of a file in the stack's directory. */
  path(name: string): string;
  read(name: string): Promise<string>;
}

/** Makes the stack and the server before the first test of the calling file, and removes them after its last. */
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
