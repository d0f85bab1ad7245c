import { PolicyPack } from "@pulumi/policy";

new PolicyPack("words", {
  policies: [
    {
      name: "no-rm",
      description: "No command removes everything.",
      enforcementLevel: "mandatory",
      validateResource: ({ type, props }, report) => {
        if (type === "command:local:Command" && /rm -rf/.test(props.create)) report(`create is "${props.create}"`);
      },
    },
  ],
});
