import { existsSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { DependencyInfo } from "@pulumi/pulumi/proto/language_pb";
import { PackageDependency } from "@pulumi/pulumi/proto/plugin_pb";

interface PackageJson {
  readonly name?: string;
  readonly version?: string;
  readonly dependencies?: Record<string, string>;
  readonly devDependencies?: Record<string, string>;
  readonly pulumi?: { resource?: boolean; name?: string; version?: string; server?: string };
}

/** The provider plugins that a program's installed packages, nested ones too, name in their package.json. */
export function requiredPackages(programDirectory: string): PackageDependency[] {
  return installedPackages(programDirectory, new Set()).flatMap(({ name = "", version = "", pulumi }) => {
    if (!pulumi?.resource) return [];
    const plugin = pulumi.name ?? name.replace(/^@pulumi\//, "");
    const dependency = new PackageDependency()
      .setKind("resource")
      .setName(plugin)
      .setServer(pulumi.server ?? "");
    return [dependency.setVersion(`v${(pulumi.version ?? version).replace(/^v/, "")}`)];
  });
}

/** The dependencies in the program's own package.json, with their installed versions. */
export function programDependencies(programDirectory: string): DependencyInfo[] {
  const { dependencies, devDependencies } = readPackageJson(programDirectory);
  return Object.keys({ ...dependencies, ...devDependencies }).map((name) => {
    const { version = "" } = readPackageJson(join(programDirectory, "node_modules", name));
    return new DependencyInfo().setName(name).setVersion(version);
  });
}

function installedPackages(directory: string, seen: Set<string>): PackageJson[] {
  const modules = join(directory, "node_modules");
  if (!existsSync(modules)) return [];
  return readdirSync(modules)
    .flatMap((name) =>
      name.startsWith("@") ? readdirSync(join(modules, name)).map((inner) => join(name, inner)) : [name],
    )
    .map((name) => join(modules, name))
    .filter((path) => existsSync(join(path, "package.json")))
    .map((path) => realpathSync(path))
    .flatMap((path) => {
      if (seen.has(path)) return [];
      seen.add(path);
      return [readPackageJson(path), ...installedPackages(path, seen)];
    });
}

function readPackageJson(directory: string): PackageJson {
  const path = join(directory, "package.json");
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as PackageJson) : {};
}
