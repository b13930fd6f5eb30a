/**
 * Descriptors through which Handoff itself reads the files that SQLite has open. Closing any descriptor of a file releases all locks that the
 * process has on that file, including SQLite's (sqlite.org/howtocorrupt.html, section 2.2). So a process opens a file once, and closes it when
 * the last of its ledgers that use the file is closed.
 */
import { closeSync, fstatSync, openSync, statSync, type BigIntStats } from 'node:fs'

export interface HeldFile {
  path: string
  /** The descriptor of the file, for reads only. */
  descriptor: number
  /** The device and the inode number of the file. */
  identity: string
  /** Must be called after SQLite has closed the file. */
  release(): void
}

interface Descriptor {
  number: number
  identity: string
  useCount: number
}
/** By the identity of the file. */
const descriptors = new Map<string, Descriptor>()

export const identityOf = ({ dev, ino }: BigIntStats): string => `${dev}:${ino}`

function openDescriptor(path: string): Descriptor {
  const number = openSync(path, 'r')
  const opened = { number, identity: identityOf(fstatSync(number, { bigint: true })), useCount: 0 }
  descriptors.set(opened.identity, opened)
  return opened
}

/** Opens a file, or uses the descriptor that is open already. @throws the error of the file system when there is no file */
export function holdFile(path: string): HeldFile {
  const descriptor = descriptors.get(identityOf(statSync(path, { bigint: true }))) ?? openDescriptor(path)
  descriptor.useCount += 1
  return {
    path,
    descriptor: descriptor.number,
    identity: descriptor.identity,
    release() {
      descriptor.useCount -= 1
      if (descriptor.useCount > 0) return
      descriptors.delete(descriptor.identity)
      closeSync(descriptor.number)
    },
  }
}
