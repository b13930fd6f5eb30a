/** The part of Velocity that the platform's templates use (architect-and-peers §1.3). */
export type Scope = Readonly<Record<string, Readonly<Record<string, unknown>>>>

const asText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))
const macros: Readonly<Record<string, (text: string) => string>> = {
  'esc.jsonString': (text) => JSON.stringify(text).slice(1, -1),
  'esc.url': encodeURIComponent,
  'encoding.base64': (text) => Buffer.from(text).toString('base64'),
}
const token = /\$(!?)((?:esc|encoding)\.\w+)\(("[^"]*"|\$!?\{[\w.]+\})\)|\$(!?)\{([\w.]+)\}/g

/** Fills a template in. What is not set is printed as it stands in the template, or as nothing where the reference is quiet. */
export function rendered(template: string, scope: Scope): string {
  const valueOf = (path: string): unknown => {
    const [first = '', ...rest] = path.split('.')
    return scope[first]?.[rest.join('.')] ?? undefined
  }
  const argument = (text: string): string | undefined => {
    if (text.startsWith('"')) return rendered(text.slice(1, -1), scope)
    const value = valueOf(text.replaceAll(/[$!{}]/g, ''))
    return value === undefined ? undefined : asText(value)
  }
  return template.replaceAll(token, (whole: string, macroQuiet?: string, macro?: string, given?: string, quiet?: string, path?: string) => {
    if (macro !== undefined) {
      const make = macros[macro]
      const text = argument(String(given))
      return make && text !== undefined ? make(text) : macroQuiet ? '' : whole
    }
    const value = valueOf(String(path))
    return value === undefined ? (quiet ? '' : whole) : asText(value)
  })
}
