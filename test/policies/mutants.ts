import * as ts from "typescript";

/** One place in the code, and what it is broken to. */
export interface Mutant {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** File and function, and no line, which moves: `network/bgp.ts bgpFilters.check`. */
  readonly place: string;
  /** `a || b → a && b` */
  readonly change: string;
}

/**
 * Comparisons and connections turned round, conditions fixed, some for all, filters and patterns open, what a list holds
 * forgotten, one at a time. Words for people are left alone.
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
  /** What is shown of it, where that is more than what is replaced. */
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

/** Rows of a list, not the cells of a row. In its place a spread of nothing, which takes the comma after it. */
function forgotten(node: ts.Node): Change[] {
  const isRow = ts.isArrayLiteralExpression(node.parent ?? node) && !ts.isArrayLiteralExpression(node.parent.parent);
  return isRow ? [{ at: node, is: "...[]" }] : [];
}

function isForPeople(node: ts.Node): boolean {
  return ts.isPropertyAssignment(node) && ["basis", "reads"].includes(node.name.getText());
}

/** Names of the functions and rules that a piece of code is in. */
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
