/**
 * Runs a command that `make` calls. An error's message is written for the user: it is printed without a stack trace.
 *
 * @param failed Exit status after an error.
 */
export function runCommand(main: () => Promise<void>, failed: number): void {
  main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = failed;
  });
}
