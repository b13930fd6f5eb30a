/** How lists are cut into pages. */

/** One page of a list, with the cursor that the next page is asked for with; null on the last page. */
export interface Page<T> {
  items: T[]
  nextCursor: string | null
}
