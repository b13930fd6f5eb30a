/** A disk that a test can fill: a small tmpfs. Only root may mount one, so tests that need it are skipped for other users. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmdirSync, rmSync, statSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from './build.ts'

export interface SmallDisk {
  folder: string
  /** Uses up the space that is left, except for `leftKb` KB (0 by default). */
  fill(leftKb?: number): void
  /** Frees that space again. */
  free(): void
}

const mount = (folder: string, megabytes: number): boolean =>
  spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'none', folder]).status === 0
const unmount = (folder: string): void => {
  spawnSync('umount', ['-l', folder])
  rmdirSync(folder)
}
const createFolder = (): string => mkdtempSync(join(tmpdir(), 'handoff-disk-'))

function canMount(): boolean {
  const folder = createFolder()
  const isMounted = mount(folder, 1)
  if (isMounted) unmount(folder)
  else rmdirSync(folder)
  return isMounted
}

/** For the option `skip` of a test: why no small disk can be mounted, or false if it can. */
export const noSmallDisk: string | false = canMount() ? false : 'only root may mount a small disk'

/** Mounts a disk of this size, and unmounts it after the test. */
export function createSmallDisk(t: TestContext, megabytes: number): SmallDisk {
  const folder = createFolder()
  mount(folder, megabytes)
  t.teardown(() => unmount(folder))
  const fillerFile = join(folder, 'filler')
  return {
    folder,
    fill(leftKb = 0) {
      spawnSync('dd', ['if=/dev/zero', `of=${fillerFile}`, 'bs=1k'])
      truncateSync(fillerFile, statSync(fillerFile).size - leftKb * 1_024)
    },
    free: () => rmSync(fillerFile),
  }
}
