/** Writes the OpenAPI document as YAML that every reader understands alike. */
import { Document, visit } from 'yaml'

/** Text that a reader of YAML 1.1 would take for a time or a Boolean. Many readers are still of that version. */
const ambiguousText = /^(?:\d{4}-\d\d-\d\d.*|y|yes|n|no|on|off)$/i

/** A document as YAML: without anchors, and with ambiguous text in quotes. */
export function toYaml(content: object): string {
  const document = new Document(content, { aliasDuplicateObjects: false })
  visit(document, {
    Scalar(_key, scalar) {
      if (typeof scalar.value === 'string' && ambiguousText.test(scalar.value)) scalar.type = 'QUOTE_DOUBLE'
    },
  })
  return document.toString({ lineWidth: 120 })
}
