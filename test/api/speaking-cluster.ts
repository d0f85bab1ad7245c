import { startControlPlane } from "./control-plane";
import { nodeScripts } from "./node-scripts";
import { speakingNodes } from "./speaking-nodes";

export type SpeakingCluster = Awaited<ReturnType<typeof speakingCluster>>;

/**
 * A control plane, the scripts that run there, and nodes that speak BGP.
 *
 * @param addresses of `nodes`, by name; also of others with whom they have sessions
 */
export async function speakingCluster(addresses: Readonly<Record<string, string>>, nodes: readonly string[]) {
  const controlPlane = await startControlPlane();
  const scripts = await nodeScripts(controlPlane);
  const speaking = await speakingNodes(controlPlane, scripts, addresses);
  for (const node of nodes) await speaking.make(node);
  return {
    ...{ controlPlane, scripts, speaking },
    stop: async () => {
      await controlPlane.stop();
      await scripts.remove();
      await speaking.remove();
    },
  };
}
