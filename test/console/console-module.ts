/** Imports modules of the console that need no browser. */

/**
 * Imports a module of src/console/. These are files of plain JavaScript, so the test says what it expects of them.
 * @param path below src/console/
 */
export const importConsole = async <T>(path: string): Promise<T> =>
  (await import(new URL(`../../src/console/${path}`, import.meta.url).href)) as T
