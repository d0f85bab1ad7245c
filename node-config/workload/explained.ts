import { choose, holds, profileNames } from "./choice";
import { alternatives, profiles } from "./profiles";
import { answersOf, questionKeys, questions, type Workload } from "./questions";

/** Everything that there is to say about the network of a workload, as sentences. */
export function explained(workload: Workload | undefined) {
  const choice = workload && choose(workload);
  return {
    ...(choice ? { choice: { ...choice, ...profiles[choice.profile] } } : {}),
    questions: questionKeys.map((key) => ({
      key,
      asks: questions[key].asks,
      ...(workload ? { given: workload[key] } : {}),
      answers: answersOf(key).map((answer) => ({
        answer,
        means: (questions[key].answers as Readonly<Record<string, string>>)[answer] ?? "",
      })),
    })),
    others: profileNames
      .filter((profile) => profile !== choice?.profile)
      .map((profile) => ({ profile, is: profiles[profile].is })),
    alternatives: alternatives.map(({ when, ...alternative }) => ({
      ...alternative,
      isNear: workload !== undefined && when !== undefined && holds(when, workload),
    })),
  };
}
