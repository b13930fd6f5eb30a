/** Preloaded into a process with an IPC channel (`node --import`): each number that it is sent sets the time of its machine forward by so many ms. */
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
