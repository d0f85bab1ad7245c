import { startLab } from "../../../tools/lab/lab";

/** Starts a lab in a process that a test can kill; with native nodes, if it gets a base and their names. */
const [name = "", base, ...nodes] = process.argv.slice(2);
const native = base ? nodes.map((node) => ({ name: node, base, memoryMiB: 1024, hasFabric: false })) : [];
void startLab(name, () => [], console.log, { native, onHypervisor: native.length === 0 });
