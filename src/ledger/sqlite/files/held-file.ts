/**
 * Descriptors through which the files of the ledger are read beside SQLite. To close any descriptor of a file releases all locks that the
 * process has on that file, those of SQLite too (sqlite.org/howtocorrupt.html, section 2.2). So a file is opened once, and closed after the
 * last ledger of the process that uses it.
 */
import { closeSync, fstatSync, openSync, statSync, type BigIntStats } from 'node:fs'

export interface HeldFile {
  path: string
  /** For reads only. */
  descriptor: number
  /** The device and the number of the file. */
  identity: string
  /** Must be called after SQLite has closed the file. */
  release(): void
}

interface Descriptor {
  number: number
  identity: string
  holders: number
}
const descriptors = new Map<string, Descriptor>()

export const identityOf = ({ dev, ino }: BigIntStats): string => `${dev}:${ino}`

function openDescriptor(path: string): Descriptor {
  const number = openSync(path, 'r')
  const opened = { number, identity: identityOf(fstatSync(number, { bigint: true })), holders: 0 }
  descriptors.set(opened.identity, opened)
  return opened
}

/** @throws the error of the file system when there is no file */
export function holdFile(path: string): HeldFile {
  const descriptor = descriptors.get(identityOf(statSync(path, { bigint: true }))) ?? openDescriptor(path)
  descriptor.holders += 1
  return {
    path,
    descriptor: descriptor.number,
    identity: descriptor.identity,
    release() {
      descriptor.holders -= 1
      if (descriptor.holders > 0) return
      descriptors.delete(descriptor.identity)
      closeSync(descriptor.number)
    },
  }
}
