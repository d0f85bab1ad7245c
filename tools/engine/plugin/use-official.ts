/** The way out of every refusal of a stand-in. */
export const useOfficial =
  "install Pulumi (https://www.pulumi.com/docs/install/), which downloads the official provider";
