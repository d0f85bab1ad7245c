import * as pulumi from "@pulumi/pulumi";

/**
 * Until 0.2.0 a remote.Command below a component ran each script and wrote each set of files: what the state has of it
 * goes on as the resource with these aliases.
 *
 * @param component Type of that component.
 */
export function formerCommands(
  component: string,
  name: string,
  { parent, aliases = [] }: pulumi.CustomResourceOptions = {},
): (pulumi.Alias | pulumi.Input<pulumi.URN>)[] {
  const places = [{}, ...aliases.filter(isAlias)];
  return places.map((place) => {
    const was = place.name ?? name;
    return {
      name: was,
      type: "command:remote:Command",
      parent: pulumi.createUrn(was, component, place.parent ?? parent),
    };
  });
}

const isAlias = (one: unknown): one is pulumi.Alias =>
  typeof one === "object" && !pulumi.Output.isInstance(one) && !(one instanceof Promise);
