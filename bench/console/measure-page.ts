/** Measures the console in a real browser: when a view can be used, and how smoothly a long list scrolls. */
import { chromium, type Browser, type Page } from 'playwright-core'

const executablePath = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium'
const args = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]
const viewport = { width: 1440, height: 900 }

/** Notes when the first element of each kind is shown, ms since the navigation began. */
const watch = `
  globalThis.shownAt = {};
  const selectors = { signIn: '#key:focus', rows: 'a.row' };
  const look = () => {
    for (const [name, selector] of Object.entries(selectors))
      if (!(name in shownAt) && document.querySelector(selector)) shownAt[name] = performance.now();
    if (!('rows' in shownAt)) requestAnimationFrame(look);
  };
  look();`

/** Scrolls the list from its top to its end within a time, and counts the frames that were drawn. */
const scroll = (seconds: number): string => `new Promise((resolve) => {
  const list = document.querySelector('.virtual');
  const distance = list.scrollHeight - list.clientHeight;
  let frames = 0, longest = 0, startedAt, last;
  const step = (now) => {
    startedAt ??= now;
    if (last !== undefined) { frames++; longest = Math.max(longest, now - last); }
    last = now;
    list.scrollTop = distance * Math.min(1, (now - startedAt) / ${seconds * 1000});
    if (now - startedAt < ${seconds * 1000}) requestAnimationFrame(step);
    else resolve({ perSecond: frames / ((now - startedAt) / 1000), longestMs: longest, rows: Number(list.querySelector('li')?.getAttribute('aria-setsize')) });
  };
  requestAnimationFrame(step);
})`

/** The bytes of the page and of everything that it has loaded from the console. */
const countBytes = `[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
  .filter(({ name }) => name.includes('/console/')).reduce((sum, { decodedBodySize }) => sum + decodedBodySize, 0)`

export interface PageFigures {
  /** From the navigation until the cursor is in the field of the sign-in, ms; nothing is in the browser's cache. */
  signInMs: number
  /** From the navigation until the first transfers are shown to someone who is signed in, ms. */
  liveMs: number
  /** Frames a second while the list scrolls. */
  framesPerSecond: number
  longestFrameMs: number
  /** How many transfers the list had. */
  rows: number
  /** The bytes of everything that the first visit loaded from the console, without those of the API. */
  loadedBytes: number
  /** What JavaScript keeps in memory after the scrolling, bytes. */
  heapBytes: number
}

/** Waits in the page, because its policy lets nobody evaluate text there again and again. */
const shownAt = (page: Page, name: 'signIn' | 'rows'): Promise<number> =>
  page.evaluate(`new Promise((resolve) => {
    const look = () => ('${name}' in shownAt ? resolve(shownAt.${name}) : setTimeout(look, 20))
    look()
  })`)

/** Measures one visit in a browser of its own. @param url the service; @param rows how many transfers the list must have before it is scrolled */
async function measureVisit(browser: Browser, url: string, key: string, rows: number, seconds: number): Promise<PageFigures> {
  const context = await browser.newContext({ viewport })
  const page = await context.newPage()
  await page.addInitScript(watch)
  await page.goto(`${url}/console/`)
  const signInMs = await shownAt(page, 'signIn')
  await page.keyboard.insertText(key)
  await page.keyboard.press('Enter')
  await page.locator('a.row').first().waitFor()
  // The modules of the views that are not shown follow a second later.
  await page.waitForTimeout(3_000)
  const loadedBytes = Number(await page.evaluate(countBytes))
  await page.reload()
  const liveMs = await shownAt(page, 'rows')
  await page.locator(`li[aria-setsize="${rows}"]`).first().waitFor({ timeout: 120_000 })
  const scrolled = (await page.evaluate(scroll(seconds))) as { perSecond: number; longestMs: number; rows: number }
  const session = await context.newCDPSession(page)
  const { usedSize } = await session.send('Runtime.getHeapUsage')
  await context.close()
  return {
    signInMs,
    liveMs,
    framesPerSecond: scrolled.perSecond,
    longestFrameMs: scrolled.longestMs,
    rows: scrolled.rows,
    loadedBytes,
    heapBytes: usedSize,
  }
}

/** Measures visits one after the other. @throws Error if there is no Chromium */
export async function measureVisits(url: string, key: string, rows: number, visits: number, seconds: number): Promise<PageFigures[]> {
  const browser = await chromium.launch({ executablePath, args })
  try {
    const figures: PageFigures[] = []
    for (let visit = 0; visit < visits; visit++) figures.push(await measureVisit(browser, url, key, rows, seconds))
    return figures
  } finally {
    await browser.close()
  }
}
