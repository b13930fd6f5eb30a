/** How a list is returned page by page. */

/** One page of a list. */
export interface Page<T> {
  items: T[]
  /** Cursor to request the next page with; null on the last page. */
  nextCursor: string | null
}
