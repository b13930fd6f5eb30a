/** Loaded into a child process with `node --import`: each number that its parent sends sets the clock of the process forward by that many ms. */
const RealDate = Date
let aheadMs = 0
const wallMs = (): number => RealDate.now() + aheadMs

globalThis.Date = new Proxy(RealDate, {
  construct: (target, values: unknown[], newTarget) =>
    Reflect.construct(target, values.length > 0 ? values : [wallMs()], newTarget) as Date,
  get: (target, name) => (name === 'now' ? wallMs : (Reflect.get(target, name) as unknown)),
})

process.on('message', (stepMs: number) => {
  aheadMs += stepMs
  process.send?.(aheadMs)
})
process.channel?.unref()
