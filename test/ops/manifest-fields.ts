/** Finds fields of a Kubernetes object that its published schema does not know. The schema itself allows them, so typing errors pass it. */

/** An object of a manifest, or a part of one. */
type Tree = Record<string, unknown>

/**
 * Runs a validation on a copy that notes which fields are read.
 * @returns the paths of the fields that the validation did not look at
 */
export function findUnreadFields(manifest: Tree, validate: (watched: Tree) => void): string[] {
  const read = new Set<string>()
  const paths: string[] = []
  function watch(tree: Tree, path: string): Tree {
    const copy = (Array.isArray(tree) ? [] : {}) as Tree
    for (const [name, value] of Object.entries(tree)) {
      const fieldPath = `${path}/${name}`
      paths.push(fieldPath)
      copy[name] = typeof value === 'object' && value !== null ? watch(value as Tree, fieldPath) : value
    }
    return new Proxy(copy, {
      get(target, name, receiver): unknown {
        read.add(`${path}/${String(name)}`)
        return Reflect.get(target, name, receiver)
      },
    })
  }
  validate(watch(manifest, ''))
  return paths.filter((path) => !read.has(path))
}
