/** The builders return the same JSON Schemas as TypeBox's own builders, with the properties in the same order. */
import t from 'tap'
import TypeBox from 'typebox'
import { Type } from '../../src/model/json-schema.ts'

/** Schemas that together use every builder. */
const createSchemas = (type: typeof Type) => {
  const text = type.String({ maxLength: 5 })
  const person = type.Object(
    { name: text, age: type.Optional(type.Integer({ minimum: 0 })), tags: type.Array(text, { maxItems: 2 }) },
    { $id: 'Person', additionalProperties: false },
  )
  return {
    person,
    withoutName: type.Omit(person, ['name'], { $id: 'Nameless' }),
    allOptional: type.Object({ a: type.Optional(type.Boolean()) }),
    unions: type.Union([type.Null(), type.Number(), type.Literal('a', { title: 'A' }), type.Literal(1), type.Literal(true)]),
    both: type.Intersect([type.Ref('Person'), type.Ref('Other', { description: 'other' })]),
    values: type.Enum(['a', 'b'], { type: 'string' }),
    table: type.Record(type.String(), type.Unsafe<string | null>({ type: ['string', 'null'] })),
    sharedOnce: type.Object({ must: text, may: type.Optional(text) }),
  }
}

t.test("given schemas that use every builder, when they are compared with TypeBox's, then they are the same", async (t) => {
  const [own, theirs] = [createSchemas(Type), createSchemas(TypeBox)]
  for (const name of Object.keys(own) as Array<keyof typeof own>) t.equal(JSON.stringify(own[name]), JSON.stringify(theirs[name]), name)
})
