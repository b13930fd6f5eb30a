import { basename, dirname } from 'node:path'
import t from 'tap'
import { files, isText, readText, skip, sources } from './source-tree.ts'

const mostLines = 250
const medianLines = 60
const mostFiles = 18

t.test('given a file of src/, then it is at most a few screens long, and half of them are one', { skip }, async (t) => {
  const lengths = sources.map((file) => ({ file, lines: readText(file).split('\n').length - 1 })).toSorted((a, b) => a.lines - b.lines)
  t.strictSame(
    lengths.filter(({ lines }) => lines > mostLines).map(({ file, lines }) => `${file}: ${lines}`),
    [],
  )
  const median = lengths[Math.floor(lengths.length / 2)]?.lines ?? Infinity
  t.ok(median <= medianLines, `the median is ${median} lines`)
})

t.test('given a folder, then it can be read at a glance', { skip }, async (t) => {
  const folders = Map.groupBy(
    files.filter((file) => /^(src|test|bench|docs)\//.test(file)),
    (file) => dirname(file),
  )
  t.strictSame(
    [...folders].filter(([, inside]) => inside.length > mostFiles).map(([folder, inside]) => `${folder}: ${inside.length}`),
    [],
  )
})

t.test('given a file of src/, then it opens with a sentence on what is decided there', { skip }, async (t) => {
  t.strictSame(
    sources.filter((file) => !/^(#!.*\n)?\/\*\*\s*(\n \* )?\S/.test(readText(file))),
    [],
  )
})

t.test('given the name of a file or folder, then it says what is in it', { skip }, async (t) => {
  t.strictSame(
    files.filter((file) =>
      /^(utils?|helpers?|managers?|common|misc|shared|stuff)(\.|$)|[-.](utils?|helpers?|manager)\./i.test(basename(file)),
    ),
    [],
  )
  t.strictSame(
    files.filter((file) => /(^|\/)(utils?|helpers?|common|misc)\//i.test(file)),
    [],
  )
})

t.test('given any file, then it does not name the machine that it was written on', { skip }, async (t) => {
  // Put together here, so that this file does not contain them either.
  const paths = ['work/', 'root/', 'Users/', 'home/(?!node/)'].map((folder) => `(?<![\\w.~-])/${folder}`)
  const hosts = ['registry', 'npm'].map((host) => `\\b${host}\\.[a-z0-9-]+\\.(com|org|net|io|dev|local|internal)\\b`)
  const products = [
    ['verda', 'ccio'],
    ['artif', 'actory'],
    ['_auth', 'Token'],
  ]
  const forbidden = new RegExp([...paths, ...hosts, ...products.map((parts) => parts.join(''))].join('|'))
  const found = files.filter(isText).flatMap((file) =>
    readText(file)
      .split('\n')
      .flatMap((line, index) => (forbidden.test(line) ? [`${file}:${index + 1}: ${line.trim().slice(0, 120)}`] : [])),
  )
  t.strictSame(found, [])
  t.match(`see ${['/wo', 'rk/x'].join('')}`, forbidden)
})
