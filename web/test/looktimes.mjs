// Times what a person waits for in Look inside, in Chromium on the real page:
//
//   node web/test/looktimes.mjs [ROUNDS]
//
// One line a figure, in milliseconds: the long tasks of opening the room, in their order; from a photo's answer to its
// trace on the canvas; from a move of the pointer, and from a turn of the wheel, to the end of the frame that answers
// it, in both scenes; and how many frames an idle page draws in five seconds. WebGL runs in software here: with a
// graphics card frames come sooner.
import './needs.mjs';
import { launchBrowser, startServer } from './lib.mjs';
import { clickSample, readAnswer } from './person.mjs';

const rounds = Number(process.argv[2] ?? 30);
const server = await startServer();
const browser = await launchBrowser();
const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, locale: 'en-US' });
await page.goto(server.origin);

const samples = [['Dust Bowl', 'barn'], ['Acanthus', '']];
/** @param {number} i */
async function choose(i) {
  const [title, label] = samples[i % 2];
  await clickSample(page, title);
  await readAnswer(page, label || undefined);
}

/** @param {string} name @param {number[]} times */
function report(name, times) {
  times.sort((a, b) => a - b);
  const at = (/** @type {number} */ q) => times[Math.min(Math.floor(times.length * q), times.length - 1)].toFixed(1);
  console.log(`${name.padEnd(36)} median ${at(0.5)}, nine of ten ${at(0.9)}, most ${at(1)} (${times.length} times)`);
}

await choose(0);
await page.waitForTimeout(1500); // the page is still busy after its first answer
await page.evaluate(() => {
  /** @type {number[]} */
  const tasks = /** @type {any} */ (globalThis).longTasks = [];
  new PerformanceObserver(list => tasks.push(...list.getEntries().map(({ duration }) => duration)))
    .observe({ type: 'longtask' });
});
await page.getByRole('tab', { name: 'Look inside' }).click();
await page.frameLocator('#look-canvas iframe').locator('#stage').waitFor();
await page.waitForFunction(() =>
  /** @type {any} */ (document.querySelector('#look-canvas iframe'))?.contentWindow.residuaView?.frames > 0);
await page.waitForTimeout(2000);
const longTasks = await page.evaluate(() => /** @type {any} */ (globalThis).longTasks);
console.log(`long tasks of opening the room           ${longTasks.join(', ')}`);
const view = page.frames().find(frame => frame.url().endsWith('/static/view.html'));
if (!view) throw new Error('the page has no view');

// The view's program sets `frames` at the end of each frame; the document gets every input and message. Both are
// listened to here.
await view.evaluate(() => {
  const { residuaView } = /** @type {any} */ (globalThis);
  const overview = 1; // the first kind of message
  let { frames } = residuaView;
  /** @type {any} */ (globalThis).times = { pointermove: [], wheel: [], traced: [] };
  const { times } = /** @type {any} */ (globalThis);
  /** @type {Record<string, number>} */
  const began = {};
  const { message } = residuaView;
  let traced = false;
  residuaView.message = (/** @type {Uint8Array} */ bytes) => {
    if (bytes[1] === overview) traced = true;
    message(bytes);
  };
  Object.defineProperty(residuaView, 'frames', {
    get: () => frames,
    set(value) {
      frames = value;
      const now = performance.now();
      for (const type in began) {
        times[type].push(now - began[type]);
        delete began[type];
      }
      if (traced) times.traced.push(performance.timeOrigin + now);
      traced = false;
    },
  });
  for (const type of ['pointermove', 'wheel']) {
    document.addEventListener(type, event => { began[type] ??= event.timeStamp; }, { capture: true });
  }
});

/** @type {number[]} */
const waits = [];
for (let i = 1; i <= rounds; i++) {
  await page.evaluate(() => {
    const answer = /** @type {HTMLElement} */ (document.querySelector('#answer'));
    new MutationObserver((_, observer) => {
      if (answer.ariaBusy !== 'false') return;
      observer.disconnect();
      /** @type {any} */ (globalThis).answered = performance.timeOrigin + performance.now();
    }).observe(answer, { attributeFilter: ['aria-busy'] });
  });
  const count = await view.evaluate(() => /** @type {any} */ (globalThis).times.traced.length);
  await choose(i);
  // By polling, as the view keeps animation frames for itself.
  await view.waitForFunction(n => /** @type {any} */ (globalThis).times.traced.length > n, count, { polling: 20 });
  const traced = await view.evaluate(() => /** @type {any} */ (globalThis).times.traced.at(-1));
  waits.push(traced - await page.evaluate(() => /** @type {any} */ (globalThis).answered));
}
report('answer to trace on the canvas', waits);

const canvas = page.locator('#look-canvas');
for (const scene of ['network', 'block']) {
  await page.getByRole('combobox', { name: 'Show' }).selectOption(scene);
  await canvas.scrollIntoViewIfNeeded();
  await page.waitForTimeout(1500);
  const box = await canvas.boundingBox();
  if (!box) throw new Error('the canvas is not seen');
  for (const type of ['pointermove', 'wheel']) {
    // In the block's scene: over the channels, which zoom.
    await page.mouse.move(box.x + box.width * 0.48, box.y + box.height * 0.6);
    await page.waitForTimeout(500);
    await view.evaluate(type => { /** @type {any} */ (globalThis).times[type] = []; }, type);
    for (let i = 0; i < rounds; i++) {
      if (type === 'pointermove') {
        await page.mouse.move(box.x + box.width * (0.2 + 0.12 * (i % 5)), box.y + box.height * (0.25 + 0.08 * (i % 7)));
      } else {
        await page.keyboard.down('Control');
        await page.mouse.wheel(0, i % 8 < 4 ? -60 : 60);
        await page.keyboard.up('Control');
      }
      await page.waitForTimeout(80);
    }
    report(`${scene}: ${type === 'wheel' ? 'zooming' : 'pointing'}`,
      await view.evaluate(type => /** @type {any} */ (globalThis).times[type], type));
  }
}

const frames = () => view.evaluate(() => /** @type {any} */ (globalThis).residuaView.frames);
await page.waitForTimeout(1000);
const before = await frames();
await page.waitForTimeout(5000);
console.log(`frames of an idle page in five seconds   ${await frames() - before}`);
await browser.close();
await server.close();
