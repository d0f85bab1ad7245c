import * as ts from "typescript";

/** A change that breaks the code in one place. */
export interface Mutant {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** File and function, without a line number, which would not last: `network/bgp.ts bgpFilters.check`. */
  readonly place: string;
  /** `a || b → a && b` */
  readonly change: string;
}

/**
 * All mutants of a file, each with one change: a comparison or an operator is inverted, a condition is always true or
 * false, `some` is `every`, a filter or a pattern lets everything through, an entry of a list is left out. Text for people
 * is not changed.
 */
export function mutantsOf(file: string, text: string): Mutant[] {
  const found: Mutant[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isTypeNode(node) || isForPeople(node)) return;
    for (const { at, is, within = at } of [...brokenForms(node), ...forgotten(node)]) {
      const [start, end] = [at.getStart(), at.getEnd()];
      const now = text.slice(within.getStart(), start) + is + text.slice(end, within.getEnd());
      const change = [within.getText(), now].map((side) => side.replace(/\s+/g, " ")).join(" → ");
      found.push({ start, end, text: is, place: [file, ...around(node)].join(" "), change });
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true));
  return found;
}

interface Change {
  readonly at: ts.Node;
  readonly is: string;
  /** What messages show, if it is more than what is replaced. */
  readonly within?: ts.Node;
}

function brokenForms(node: ts.Node): Change[] {
  if (ts.isBinaryExpression(node)) {
    const is = turned[node.operatorToken.getText()];
    return is ? [{ at: node.operatorToken, is, within: node }] : [];
  }
  if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.ExclamationToken) {
    return [{ at: node, is: node.operand.getText() }];
  }
  if (ts.isIfStatement(node)) return bothWays(node.expression);
  if (ts.isConditionalExpression(node)) return bothWays(node.condition);
  if (node.kind === ts.SyntaxKind.TrueKeyword) return [{ at: node, is: "false" }];
  if (node.kind === ts.SyntaxKind.FalseKeyword) return [{ at: node, is: "true" }];
  if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
    const { name, expression } = node.expression;
    if (name.text === "filter") return [{ at: node, is: expression.getText() }];
    const is = turned[name.text];
    return is ? [{ at: name, is, within: node }] : [];
  }
  if (ts.isRegularExpressionLiteral(node)) {
    const form = node.getText();
    const open = [form.replace(/^\/\^/, "/"), form.replace(/\$(\/\w*)$/, "$1")];
    return open.filter((other) => other !== form).map((is) => ({ at: node, is }));
  }
  return [];
}

const turned: Readonly<Record<string, string | undefined>> = Object.assign(Object.create(null), {
  ...{ "===": "!==", "!==": "===", "<": "<=", ">": ">=", "<=": "<", ">=": ">" },
  ...{ "&&": "||", "||": "&&", "??": "&&" },
  ...{ some: "every", every: "some", startsWith: "endsWith", endsWith: "startsWith" },
});

const bothWays = (at: ts.Expression): Change[] => ["true", "false"].map((is) => ({ at, is }));

/** Leaves out an entry of a list, but not of a list within a list. An empty spread keeps the comma after it valid. */
function forgotten(node: ts.Node): Change[] {
  const isRow = ts.isArrayLiteralExpression(node.parent ?? node) && !ts.isArrayLiteralExpression(node.parent.parent);
  return isRow ? [{ at: node, is: "...[]" }] : [];
}

function isForPeople(node: ts.Node): boolean {
  return ts.isPropertyAssignment(node) && ["basis", "reads"].includes(node.name.getText());
}

/** Names of the functions and rules around a piece of code. */
function around(node: ts.Node): string[] {
  const names: string[] = [];
  for (let at = node; at.parent; at = at.parent) if (isNamed(at)) names.unshift(at.name?.getText() ?? "");
  return names.length > 0 ? [names.join(".")] : [];
}

function isNamed(node: ts.Node): node is ts.NamedDeclaration {
  const isTop = ts.isVariableDeclaration(node) && ts.isSourceFile(node.parent.parent.parent);
  const isMember = ts.isPropertyAssignment(node) && ts.isArrowFunction(node.initializer);
  return isTop || isMember || ts.isMethodDeclaration(node) || ts.isFunctionDeclaration(node);
}
