/** The part of Architect's expression language that the sample flows use: variables, text, `or`, `and`, `==` and Append. */
export type Value = string | number | boolean | null | { id: string }
/** The values of variables, by name. */
export type Scope = Map<string, Value>

function evaluateOperand(text: string, scope: Scope): Value {
  const [, literal] = /^"([^"]*)"$/.exec(text) ?? []
  if (literal !== undefined) return literal
  const [, first, second] = /^Append\((.+), (.+)\)$/.exec(text) ?? []
  if (first !== undefined && second !== undefined) {
    const [start, end] = [evaluateOperand(first, scope), evaluateOperand(second, scope)]
    if (typeof start !== 'string' || typeof end !== 'string') throw new Error(`${text} appends what is not text`)
    return `${start}${end}`
  }
  const value = scope.get(text)
  if (value !== undefined) return value
  const owner = text.endsWith('.id') ? scope.get(text.slice(0, -3)) : undefined
  if (typeof owner !== 'object' || owner === null) throw new Error(`${text} is not declared`)
  return owner.id
}

/** Evaluates an expression. @throws Error for an unknown variable, and for what is not in this part of the language */
export function evaluate(expression: string, scope: Scope): Value {
  const alternatives = expression.split(' or ')
  if (alternatives.length > 1) return alternatives.some((alternative) => evaluate(alternative, scope) === true)
  const terms = expression.split(' and ')
  if (terms.length > 1) return terms.every((term) => evaluate(term, scope) === true)
  const [left = '', right] = expression.split(' == ')
  const value = evaluateOperand(left, scope)
  return right === undefined ? value : value === evaluateOperand(right, scope)
}
