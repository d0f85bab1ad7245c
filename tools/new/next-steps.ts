import { type Answers, upstream } from "./questions";

/** What to type next, after the settings were written. */
export function nextSteps(
  { STACK = "", STATE = "", PACKAGES, IMAGES }: Answers,
  file: string,
  hasIndex: boolean,
): string {
  const login = STATE === "file://" ? "pulumi login --local" : `pulumi login '${STATE}'`;
  const abroad = [...(IMAGES === upstream ? ["RES-18"] : []), ...(PACKAGES === upstream ? ["RES-20"] : [])];
  return [
    `${file} is written: read it, then commit it. Next:`,
    ...(hasIndex ? [] : [`  make lock STACK=${STACK}       # what nodes install, to be committed as well`]),
    `  ${login}`,
    `  pulumi stack init ${STACK}`,
    `  make up STACK=${STACK}         # or pulumi up, which no policy pack judges`,
    "The residency pack will refuse what nobody has said yet: a backup and its key (RES-08, RES-12, RES-28), who vouches for",
    "operator and support (RES-03, RES-04) and for NSM's six factors (RES-31, RES-32, RES-33, RES-34, RES-35, RES-36),",
    "and in Norway a registration with Nkom (RES-06).",
    ...(abroad.length > 0
      ? [
          `${abroad.join(" and ")} will refuse upstream's servers abroad, and RES-05 asks for a transfer to the United States.`,
        ]
      : []),
    "Write them under kjerne:residency, or an exception that somebody answers for: docs/residency.md, docs/policies.md.",
  ].join("\n");
}
