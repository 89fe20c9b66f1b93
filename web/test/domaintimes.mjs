// Times what a person waits for in Teach's section on other domains, by the page's API in Chromium with ResNet-50:
//
//   node web/test/domaintimes.mjs [MANY]
//
// The pictures have no content: their block means are invented, ten classes in two domains, and stored as the page
// stores them. A line is a call:
//
//   how long it takes, and how much of the processors' time, of all threads together. On a machine that does other
//     things too the first is longer; alone it is between the second and, with two threads, half of it;
//   silent: how long the engine's worker hears no message meanwhile, at most, which bounds any cancellation;
//   free: how long after a cancellation the engine was ready for the next call, the longest of some; the call itself
//     is rejected at once;
//   the longest task of the page, which the browser tells from 50 ms on.
//
// Then the same with MANY (10,000) pictures in the browser's database: the memory of the page's process and of its
// engine's WebAssembly, and how many of the pictures the answers say that they used.
import './needs.mjs';
import fs from 'node:fs';
import os from 'node:os';
import { openAPIPage } from './apipage.mjs';

const many = Number(process.argv[2] ?? 10_000);
const threads = Number(process.env.THREADS ?? 2);
const { page, browser, close } = await openAPIPage({ isLogged: true });
const load = () => `load ${os.loadavg().map(one => one.toFixed(1)).join(', ')}`;
console.log(`${threads} threads, ${os.cpus().length} processors, ${load()}`);

// What the page defines, for all calls below.
await page.evaluate(async threads => {
  const { Residua } = await import(/** @type {any} */ ('/static/residua.js'));
  const { MemoryStore } = await import(/** @type {any} */ ('/static/api/teach/memorystore.js'));
  const { openStore } = await import(/** @type {any} */ ('/static/api/teach/openstore.js'));
  const { stateOf } = await import(/** @type {any} */ ('/static/api/teach/state.js'));
  const net = await Residua.load({ threads });
  const size = net.info.blocks.reduce((/** @type {number} */ sum, /** @type {any} */ b) => sum + b.channels, 0);
  const classes = Array.from({ length: 10 }, (_, i) => ({ id: `c${i + 1}`, name: `class ${i}` }));
  let state = 1;
  const random = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) >>> 8;
  // Bits of float16 numbers from 0.5 on: those of a class are a little higher in some columns, those of the other
  // domain in others.
  const centres = classes.map(() => Uint16Array.from({ length: size }, () => 0x3800 + (random() & 63)));
  const moved = Uint16Array.from({ length: size }, () => random() & 127);

  /** @param {number} i @param {boolean} other */
  const rowOf = (i, other) => {
    const centre = centres[i % classes.length];
    const row = new Uint16Array(size);
    for (let k = 0; k < size; k++) row[k] = centre[k] + (random() & 511) + (other ? moved[k] : 0);
    return row;
  };

  /** @param {number} n @param {number} length */
  const hex = (n, length) => (n >>> 0).toString(16).padStart(8, '0').padEnd(length, '5');

  const noise = () => hex(random() << 8 | random() & 255, 8) + hex(random() << 8 | random() & 255, 8);

  /**
   * A teacher with invented pictures.
   * @param {number} labelled
   * @param {number} other  without a class, of the other domain
   * @param {any} store
   */
  const teacherOf = async (labelled, other, store = new MemoryStore()) => {
    await store.saveHeader({
      version: 1, model: net.info.model, name: '', seed: 1, classes, settings: {}, history: [],
    });
    const features = Float32Array.from({ length: net.info.blocks.at(-1).channels }, (_, k) => k % 7);
    const small = new Uint8Array(32 * 32 * 3);
    for (let i = 0; i < labelled + other; i++) {
      const id = `p${i + 100}`;
      await store.putPicture({
        id, classId: i < labelled ? classes[i % classes.length].id : '', name: id, hash: hex(i, 64), dhash: noise(),
        format: 'PNG', width: 48, height: 48, domain: '', test: false, side: 0, added: i,
      }, { blob: new Blob([id]), features, small, blocks: rowOf(i, i >= labelled) });
    }
    const teacher = net.teach({ store });
    await teacher.restore();
    return teacher;
  };

  /** @type {number[]} */
  const tasks = [];
  new PerformanceObserver(list => tasks.push(...list.getEntries().map(({ duration }) => duration)))
    .observe({ type: 'longtask' });
  Object.assign(globalThis, { net, size, tasks, teacherOf, rowOf, openStore, stateOf });
}, threads);

// A timer of the engine's worker fires whenever the engine lets messages in.
const engine = /** @type {import('playwright-core').Worker} */ (
  page.workers().find(worker => worker.url().includes('engine')));
await engine.evaluate(() => {
  const { performance } = globalThis;
  const heard = { last: performance.now(), longest: 0 };
  setInterval(() => {
    const now = performance.now();
    heard.longest = Math.max(heard.longest, now - heard.last);
    heard.last = now;
  }, 1);
  Object.assign(globalThis, { heard });
});
const deaf = () => engine.evaluate(() => {
  const { heard } = /** @type {any} */ (globalThis);
  const { longest } = heard;
  heard.longest = 0;
  return longest;
});

const system = await browser.newBrowserCDPSession();
const { processInfo } = await system.send('SystemInfo.getProcessInfo');
/** What the system says of the page's process: the largest. @param {string} file */
const ofProcess = file => {
  const rss = (/** @type {string} */ text) => Number(/VmRSS:\s+(\d+) kB/.exec(text)?.[1] ?? 0);
  const all = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => `/proc/${id}`);
  const [largest] = all.sort((a, b) =>
    rss(fs.readFileSync(`${b}/status`, 'utf8')) - rss(fs.readFileSync(`${a}/status`, 'utf8')));
  return fs.readFileSync(`${largest}/${file}`, 'utf8');
};
/** Resident bytes. */
const resident = () => 1024 * Number(/VmRSS:\s+(\d+) kB/.exec(ofProcess('status'))?.[1] ?? 0);
/** Seconds of the processors' time, of all threads. */
const processorTime = () => {
  const [user, kernel] = ofProcess('stat').split(') ')[1].split(' ').slice(11, 13);
  return (Number(user) + Number(kernel)) / 100; // Linux counts hundredths
};

/**
 * Times a call, and some that are cancelled after parts of its time.
 * @param {string} name
 * @param {string} call  of `signal`, as text for the page
 * @param {string} goal
 * @param {number[]} [cancelAfter]  which parts of its time
 */
async function timed(name, call, goal, cancelAfter = [0.2, 0.5, 0.8]) {
  await deaf();
  const before = processorTime();
  const { ms, longest } = await page.evaluate(`(async () => {
    const { teacher, tasks } = globalThis;
    tasks.length = 0;
    const call = signal => ${call};
    const start = performance.now();
    await call();
    const ms = performance.now() - start;
    await new Promise(done => setTimeout(done, 100));
    return { ms, longest: Math.max(0, ...tasks) };
  })()`);
  const silent = await deaf();
  const used = processorTime() - before;
  let slowest = 0;
  for (const part of cancelAfter) {
    slowest = Math.max(slowest, await page.evaluate(`(async () => {
      const { teacher } = globalThis;
      const controller = new AbortController();
      const call = signal => ${call};
      let aborted = 0;
      setTimeout(() => { aborted = performance.now(); controller.abort(); }, ${part * ms});
      const code = await call(controller.signal).then(() => 'done', error => error.code);
      if (code !== 'cancelled') return 0;
      await teacher.drawShapes({ task: 'form', count: 1, size: 16 });
      return performance.now() - aborted;
    })()`));
  }
  console.log([
    name.padEnd(23), `${(ms / 1000).toFixed(2)} s`.padStart(7), `processors ${used.toFixed(2)} s`, goal.padEnd(11),
    `silent ${silent.toFixed(0)} ms`.padEnd(14), `free ${slowest.toFixed(0)} ms after a cancel`.padEnd(28),
    `longest task ${longest ? longest.toFixed(0) : 'under 50'} ms`,
  ].join('  '));
}

/** Makes the teacher of the next calls. @param {string} make */
const useTeacher = make => page.evaluate(`(async () => { globalThis.teacher = await (${make}); })()`);

await useTeacher('teacherOf(200, 0)');
await timed('rank, 200 pictures', 'teacher.rank({ signal })', '(goal 1 s)');

await useTeacher('teacherOf(1000, 1000)');
const idsOf = `const source = teacher.classes.flatMap(({ pictures }) => pictures.map(({ id }) => id));
  const target = teacher.unlabelled.map(({ id }) => id);`;
const onIDs = (/** @type {string} */ call) => `{ ${idsOf} return ${call}; }`;
await timed('probes, 1,000 pictures', 'teacher.probes({ signal })', '(goal 20 s)');
const halves = 'source.slice(0, 500), target.slice(0, 500)';
await timed('distance, 500 + 500', onIDs(`teacher.distance(${halves}, { signal })`), '');
await timed('adapt, 1,000 + 1,000', onIDs('teacher.adapt({ target, signal })'), '', [0.1, 0.4]);
await timed('adapt by coral alone', onIDs('teacher.adapt({ target, methods: ["coral"], signal })'), '', [0.5]);
await page.evaluate(() => {
  const { teacher, stateOf, rowOf, size } = /** @type {any} */ (globalThis);
  const rows = (/** @type {boolean} */ other) => {
    const all = new Uint16Array(500 * size);
    for (let i = 0; i < 500; i++) all.set(rowOf(i, other), i * size);
    return all;
  };
  const [before, after] = [rows(false), rows(true)];
  Object.assign(globalThis, {
    compare: (/** @type {AbortSignal | undefined} */ signal) => stateOf(teacher).engine.ask('domains-moved',
      { seed: 1 }, { buffers: { before: before.slice(), after: after.slice() }, signal }),
  });
});
await timed('moved, 500 pictures', 'globalThis.compare(signal)', '');

/** Memory of the page's process and, of that, of its engine, in bytes. */
async function held() {
  const wasm = await engine.evaluate(() => /** @type {any} */ (globalThis).engineMemory.buffer.byteLength);
  return { page: resident(), wasm };
}
const mb = (/** @type {number} */ bytes) => `${(bytes / 1e6).toFixed(0)} MB`;

await useTeacher('null');
await page.evaluate(() => { Object.assign(globalThis, { compare: null }); });
const start = performance.now();
const half = many / 2;
await useTeacher(`teacherOf(${half}, ${half}, await openStore({ name: 'domaintimes' }))`);
console.log(`${many} pictures are stored after ${((performance.now() - start) / 1000).toFixed(0)} s, ${load()}`);
/** @type {[string, string, string][]} */
const calls = [
  ['probes', '', 'teacher.probes().then(all => all[0].accuracy.n)'],
  ['rank', '', 'teacher.rank().then(({ pictures }) => pictures)'],
  ['distance', idsOf, 'teacher.distance(source, target).then(all => all[0].pictures)'],
  ['adapt', idsOf, 'teacher.adapt({ target }).then(({ learnt }) => learnt)'],
];
for (const [name, before, call] of calls) {
  const [first, cpu] = [await held(), processorTime()];
  let most = first.page;
  const look = setInterval(() => { most = Math.max(most, resident()); }, 50);
  const { ms, used, longest } = await page.evaluate(`(async () => {
    const { teacher, tasks } = globalThis;
    tasks.length = 0;
    ${before}
    const start = performance.now();
    const used = await ${call};
    const ms = performance.now() - start;
    await new Promise(done => setTimeout(done, 100));
    return { ms, used, longest: Math.max(0, ...tasks) };
  })()`);
  clearInterval(look);
  const last = await held();
  console.log([
    `${name} of ${many}`.padEnd(18), `${(ms / 1000).toFixed(1)} s`.padStart(6),
    `processors ${(processorTime() - cpu).toFixed(1)} s`, `used ${[used].flat().join(' + ')}`.padEnd(16),
    `process ${mb(first.page)}, at most ${mb(most)}, then ${mb(last.page)}`,
    `engine ${mb(first.wasm)}, then ${mb(last.wasm)}`,
    `longest task ${longest ? longest.toFixed(0) : 'under 50'} ms`,
  ].join('  '));
}
console.log(load());
await close();
