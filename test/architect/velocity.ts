/** The part of the template language Velocity that data actions use (docs/genesys-cloud.md rule 83). */
export type Scope = Readonly<Record<string, Readonly<Record<string, unknown>>>>

const asText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))
const macros: Readonly<Record<string, (text: string) => string>> = {
  'esc.jsonString': (text) => JSON.stringify(text).slice(1, -1),
  'esc.url': encodeURIComponent,
  'encoding.base64': (text) => Buffer.from(text).toString('base64'),
}
/** A macro with its argument, or a reference. With `!` it is quiet: without a value it prints nothing. */
const templateToken = /\$(!?)((?:esc|encoding)\.\w+)\(("[^"]*"|\$!?\{[\w.]+\})\)|\$(!?)\{([\w.]+)\}/g

/** Renders a template. A reference without a value is printed as it stands in the template, or as nothing when it is quiet. */
export function renderTemplate(template: string, scope: Scope): string {
  const valueOf = (path: string): unknown => {
    const [first = '', ...rest] = path.split('.')
    return scope[first]?.[rest.join('.')] ?? undefined
  }
  const argument = (text: string): string | undefined => {
    if (text.startsWith('"')) return renderTemplate(text.slice(1, -1), scope)
    const value = valueOf(text.replaceAll(/[$!{}]/g, ''))
    return value === undefined ? undefined : asText(value)
  }
  return template.replaceAll(
    templateToken,
    (whole: string, macroQuiet?: string, macro?: string, macroArgument?: string, quiet?: string, path?: string) => {
      if (macro !== undefined) {
        const apply = macros[macro]
        const text = argument(String(macroArgument))
        return apply && text !== undefined ? apply(text) : macroQuiet ? '' : whole
      }
      const value = valueOf(String(path))
      return value === undefined ? (quiet ? '' : whole) : asText(value)
    },
  )
}
