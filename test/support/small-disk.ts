/** A disk that a test can fill: a small tmpfs. Only root may mount one, so tests that need it are skipped otherwise. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from './build.ts'

export interface SmallDisk {
  folder: string
  /** Takes the room that is left. */
  fill(): void
  /** Gives that room back. */
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

/** For the option `skip` of a test: why there is no small disk here, or false. */
export const noSmallDisk: string | false = canMount() ? false : 'only root may mount a small disk'

/** Mounts a disk until the test ends. */
export function createSmallDisk(t: TestContext, megabytes: number): SmallDisk {
  const folder = createFolder()
  mount(folder, megabytes)
  t.teardown(() => unmount(folder))
  const ballast = join(folder, 'ballast')
  return {
    folder,
    fill: () => void spawnSync('dd', ['if=/dev/zero', `of=${ballast}`, 'bs=1k']),
    free: () => rmSync(ballast),
  }
}
