// The parts of Skip lab that need no browser: settings in the address, names, what numbers say, curves as a table, and
// a run as it goes. Run with: node --test unit-lab.mjs

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from './lib.mjs';
import { addressOf, readAddress } from '../static/page/address.js';
import { landscapeVerdict, pathsVerdict, ringsOf, transferVerdict } from '../static/page/lab/analysis.js';
import { obstacleOf, otherDomain, withPaths } from '../static/page/lab/analyses.js';
import { logRange, placeIn, powers, ticks } from '../static/page/lab/axes.js';
import { createChoice } from '../static/page/lab/choice.js';
import { codeOf, settingsOf } from '../static/page/lab/code.js';
import { namesOf } from '../static/page/lab/names.js';
import { addStep, curvesCSV, finals, newRecord, smooth } from '../static/page/lab/record.js';
import { createPace, createRunner } from '../static/page/lab/runner.js';
import { conclusionOf, networksSeen } from '../static/page/lab/seen.js';
import {
  dataNamed, defaultSettings, firstLesson, isSame, lessonOf, lessons, networkDefaults, nextNetwork,
} from '../static/page/lab/settings.js';
import { createSignaller } from '../static/page/lab/signaller.js';
import { endsOf, gapVerdict, signalVerdict } from '../static/page/lab/verdicts.js';
import { intervalOf } from '../static/page/wilson.js';

/** @typedef {import('../static/page/lab/types.js').Settings} Settings */
/** @typedef {import('../static/page/lab/types.js').NetworkSettings} NetworkSettings */
/** @typedef {import('../static/page/lab/types.js').StepReport} StepReport */

const en = JSON.parse(await readFile(join(root, 'web', 'static', 'i18n', 'en.json'), 'utf8'));

/** @param {Partial<Settings>} change @returns {Settings} */
const settings = change => ({ ...defaultSettings(), ...change });
/** @param {Partial<NetworkSettings>[]} all @returns {NetworkSettings[]} */
const networks = (...all) => all.map(change => ({ ...networkDefaults, ...change }));

/** Whether a verdict has a sentence, and a value for each of its placeholders. */
function assertSentence(/** @type {{ key: string, values: Record<string, number> }} */ { key, values }) {
  assert.ok(en[key], `${key} is in no table`);
  for (const [, name] of en[key].matchAll(/\{(\w+)\}/g)) assert.ok(name in values, `${key} lacks {${name}}`);
}

test('settings survive the way through the address, and only what differs is written', () => {
  assert.equal(codeOf(defaultSettings()), '');
  for (const [name, lesson] of Object.entries(lessons)) {
    assert.equal(codeOf(lesson), name === firstLesson ? '' : `lesson=${name}`);
    assert.equal(lessonOf(settingsOf(codeOf(lesson))), name);
  }
  const odd = settings({
    networks: networks({ depth: 8, join: 'gate', width: 16 }, { depth: 56, norm: false, zeroLast: true, init: 'he-in' },
      { activation: 'leaky-relu', preActivation: true }, {}),
    data: {
      ...dataNamed(defaultSettings().data, 'shapes'), task: 'direction', domain: 'outlined', difficulty: 0.35, held: 60,
    },
    optimizer: 'adamw', rate: 0.002, schedule: 'step', weightDecay: 1e-5, seed: 42, nesterov: true,
    augment: { mirror: true, shift: 2, cut: 4 },
  });
  assert.deepEqual(settingsOf(codeOf(odd)), odd);
  const all = ['8.gate.w16', '56.he-in.no-norm.zero', '20.leaky-relu.pre-activation', '20'];
  assert.ok(codeOf(odd).startsWith(all.map(one => `net=${one}&`).join('')), codeOf(odd));
  assert.equal(codeOf(settings({ rate: 0.1 })), 'net=56&net=56.none&rate=0.1');
});

test('an address that makes no sense has the defaults', () => {
  const wrong = ['net=57', 'lesson=none', 'lesson=constructor', 'rate=7&steps=x&seed=-4&difficulty=1e9', 'data=cats'];
  for (const code of wrong) {
    assert.ok(isSame(settingsOf(code), defaultSettings()), code);
  }
  assert.equal(settingsOf('net=8&net=8&net=8&net=8&net=8&net=8').networks.length, 4);
  assert.equal(settingsOf('difficulty=999').data.difficulty, 1);
  assert.equal(settingsOf('task=form').data.task, '', 'digits have no task');
});

test('the page\'s address holds the settings in this room alone', () => {
  const look = readAddress('#room=lab&net=8&net=8.none&rate=0.1&block=3');
  assert.equal(look.room, 'lab');
  assert.equal(look.block, 3);
  assert.equal(look.lab, 'net=8&net=8.none&rate=0.1');
  assert.equal(readAddress(addressOf(look)).lab, look.lab);
  assert.ok(!addressOf({ ...look, room: 'look' }).includes('net='));
  assert.equal(addressOf(readAddress('#room=lab')), '#room=lab');
});

test('a change can be undone, and a slider\'s way counts as one', () => {
  let now = 0;
  const choice = createChoice(defaultSettings(), () => now);
  assert.equal(choice.set(defaultSettings()), false);
  for (const [at, seed] of [[1000, 2], [1100, 3], [1200, 4], [5000, 5]]) {
    now = at;
    assert.ok(choice.set(settings({ seed })));
  }
  assert.ok(choice.undo());
  assert.equal(choice.settings.seed, 4);
  assert.ok(choice.undo());
  assert.equal(choice.settings.seed, 1);
  assert.equal(choice.undo(), false);
});

test('a name says what tells a network from the others', () => {
  const keys = (/** @type {NetworkSettings[]} */ all) => namesOf(all).map(name => name.map(({ key }) => key.slice(8)));
  assert.deepEqual(keys(networks({}, { join: 'none' })), [['kind.add', 'name.depth'], ['kind.none', 'name.depth']]);
  assert.deepEqual(keys(networks({ norm: false }, { norm: false, join: 'none' }))[0], ['kind.add', 'name.depth']);
  assert.deepEqual(keys(networks({}, { norm: false, width: 16 })), [
    ['kind.add', 'name.depth'], ['kind.add', 'name.depth', 'name.no-norm', 'name.width'],
  ]);
  const twins = namesOf(networks({}, {}, { join: 'none' }));
  assert.deepEqual(twins.map(name => name.find(({ key }) => key === 'skiplab.name.number')?.values?.number),
    [1, 2, undefined]);
  const odd = networks({ activation: 'silu', init: 'xavier', preActivation: true, zeroLast: true }, {});
  for (const { key } of namesOf(odd).flat()) assert.ok(en[key], key);
  assert.equal(nextNetwork(networks({})).join, 'none');
});

/**
 * A network of three convolutions and a shortcut's, whose numbers must not count.
 * @param {number[]} activations
 * @param {number[]} gradients
 */
function measured(activations, gradients) {
  const names = ['conv1', 'layer1.0.conv1', 'layer1.0.downsample.0', 'layer1.0.conv2', 'fc'];
  const layers = names.map((name, depth) => ({ name, stage: 1, block: 0, kind: name === 'fc' ? 'fc' : 'conv', depth }));
  const [a, g] = [activations, gradients].map(([first, second, third]) =>
    new Float32Array([first, second, 1e9, third, 7]));
  return { layers, activations: a, outputGradients: g, weightGradients: g };
}

test('the signal of each lesson is told as what it is', () => {
  const told = (/** @type {number[]} */ activations, /** @type {number[]} */ gradients) => {
    const verdict = signalVerdict(measured(activations, gradients));
    assertSentence(verdict);
    return verdict.key.split('.').at(-1);
  };
  const even = [1, 1, 1];
  assert.equal(told(even, [0.73, 0.5, 0.24]), 'arrives');
  assert.equal(told(even, [6.1, 1, 0.24]), 'arrives'); // 56 layers, normalised, residual
  assert.equal(told(even, [434, 20, 0.29]), 'explodes');
  assert.equal(told([1, 0.3, 0.1], [0.0019, 0.01, 0.018]), 'weak'); // 20 layers, plain
  assert.equal(told([1, 0.3, 0.1], [0.00015, 0.01, 0.018]), 'vanishes');
  assert.equal(told([1, 50, 9000], [700, 2000, 4700]), 'grows');
  assert.equal(told([1, 50, Infinity], [1, 1, 1]), 'overflow');
  assert.equal(told(even, [NaN, 1, 1]), 'overflow');
  const { layers, weightGradients } = measured(even, [3, 2, 1]);
  assert.deepEqual(endsOf(layers, weightGradients), { first: 3, last: 1 });
});

test('a difference is called overfitting only where it is no chance', () => {
  const score = (/** @type {number} */ accuracy, /** @type {number} */ n) => ({ accuracy, n, loss: 0 });
  const told = (/** @type {[number, number]} */ learnt, /** @type {[number, number] | null} */ held) => {
    const verdict = gapVerdict(score(...learnt), held && score(...held));
    if (verdict) assertSentence(verdict);
    return verdict?.key.split('.').at(-1);
  };
  assert.equal(told([0.99, 600], [0.8, 600]), 'overfit');
  assert.equal(told([0.99, 600], [0.5, 60]), 'overfit-few');
  assert.equal(told([0.95, 60], [0.85, 60]), 'unsure');
  assert.equal(told([0.95, 600], [0.94, 600]), undefined);
  assert.equal(told([0.7, 600], [0.9, 600]), undefined);
  assert.equal(told([0.95, 600], null), 'blind');
  // Wilson's interval of 8 of 10, as statistics books have it.
  const { low, high } = intervalOf(0.8, 10);
  assert.ok(Math.abs(low - 0.490) < 1e-3 && Math.abs(high - 0.943) < 1e-3);
});

/**
 * A run in which each network's loss falls to where it is told to end.
 * @param {Settings} chosen
 * @param {number[]} ends  NaN: it diverges at step 5
 */
function runOf(chosen, ends) {
  const layers = measured([1, 1, 1], [1, 1, 1]).layers;
  const record = newRecord(chosen, {
    networks: chosen.networks.map(() => ({ layers, parameters: 1, bytes: 1 })), step: 0, steps: chosen.steps,
    train: 600, held: 600, classes: [...'0123456789'],
  });
  for (let step = 1; step <= chosen.steps; step++) addStep(record, reportOf(step, chosen.steps, ends));
  record.done = true;
  return record;
}

/** @param {number} step @param {number} steps @param {number[]} ends @returns {StepReport} */
const reportOf = (step, steps, ends) => ({
  step, steps, rate: 0.05, ms: 1,
  networks: ends.map(end => {
    const diverged = Number.isNaN(end) && step >= 5;
    const loss = diverged ? 0 : step > steps - 30 ? end : 2.3;
    const score = step % 20 === 0 ? { loss, accuracy: 0.9, n: 600 } : null;
    return { loss, accuracy: 0.9, diverged, learnt: score, held: score, ...measured([1, 1, 1], [0.5, 1, 0.2]) };
  }),
});

test('what was seen is made of the run\'s own numbers, and says so if it went otherwise', () => {
  const told = (/** @type {Settings} */ chosen, /** @type {number[]} */ ...ends) => {
    const record = runOf(chosen, ends);
    const verdict = conclusionOf(record);
    for (const one of [verdict, ...networksSeen(record).flat()]) assertSentence(one);
    return verdict;
  };
  const { shallow, deep, vanishing, exploding } = lessons;
  assert.equal(told(shallow, 0.07, 0.14).key, 'skiplab.seen.shallow.usual');
  assert.equal(told(deep, 0.07, 1.72).key, 'skiplab.seen.deep.usual');
  assert.equal(told(deep, 0.07, 0.2).key, 'skiplab.seen.deep.unusual');
  assert.equal(told(vanishing, 1.57, 2.301).key, 'skiplab.seen.vanishing.usual');
  assert.equal(told(vanishing, 2.28, 2.301).key, 'skiplab.seen.vanishing.slow');
  assert.equal(told(vanishing, 1.57, 1.9).key, 'skiplab.seen.vanishing.unusual');
  assert.equal(told(exploding, 2.3, 0.6, 2.304).key, 'skiplab.seen.exploding.usual');
  assert.equal(told(exploding, 0.33, 2.27, 2.304).key, 'skiplab.seen.exploding.mixed');
  assert.equal(told(exploding, 0.33, 0.6, 1.9).key, 'skiplab.seen.exploding.unusual');
  assert.equal(told(exploding, NaN, 0.6, 2.304).key, 'skiplab.seen.broke', 'one that broke off has no loss to tell');
  assert.equal(told({ ...vanishing, steps: 50 }, 2.2, 2.301).key, 'skiplab.seen.close', 'a lesson that was cut short');
  assert.equal(told({ ...deep, seed: 7 }, 0.07, 1.72).key, 'skiplab.seen.deep.usual', 'with another seed as well');
  const { values } = told(deep, 0.07, 1.72);
  assert.ok(Math.abs(values.loss - 0.07) < 1e-9 && Math.abs(values.second - 1.72) < 1e-9);

  const own = settings({ rate: 0.1 });
  assert.equal(told(own, 0.1, 1.5).key, 'skiplab.seen.apart');
  assert.equal(told(own, 0.1, 0.12).key, 'skiplab.seen.close');
  assert.equal(told(own, 0.001, 0.01).key, 'skiplab.seen.close', 'ten times nothing is still nothing');
  assert.equal(told(own, 1.4, 2.1).key, 'skiplab.seen.ahead');
  assert.equal(told(own, 2.3, 2.31).key, 'skiplab.seen.none');
  assert.equal(told(own, 0.1, NaN).key, 'skiplab.seen.broke');
  assert.equal(told(own, 0.1, NaN).values.step, 5);
  assert.equal(told({ ...own, networks: networks({}) }, 0.1).key, 'skiplab.seen.one');
});

test('a long run is written down in bounded memory, with its last step', () => {
  const record = runOf(settings({ steps: 2000 }), [0.1, 1]);
  assert.ok(record.norms.length <= 401, `${record.norms.length}`);
  assert.equal(record.norms[0].step, 1);
  assert.equal(record.norms.at(-1)?.step, 2000);
  assert.deepEqual(record.norms.map(({ step }) => step), record.norms.map(({ step }) => step).sort((a, b) => a - b));
  assert.equal(finals(record)[0].held?.step, 2000);
});

test('the curves as CSV have a line for each step and network', () => {
  const record = runOf(settings({ steps: 20 }), [0.5, NaN]);
  const lines = curvesCSV(record, ['Residual, 56 layers', 'Plain']).trim().split('\r\n');
  assert.equal(lines.length, 1 + 2 * 20);
  assert.equal(lines[1], '1,"Residual, 56 layers",0.5,0.9,,,,');
  assert.equal(lines.at(-2), '20,"Residual, 56 layers",0.5,0.9,0.5,0.9,0.5,0.9');
  assert.equal(lines[2 * 5], '5,Plain,,,,,,', 'from its end on a network has no numbers');
  assert.deepEqual(smooth([2, NaN, 1], 0.5), [2, NaN, 1.5]);
});

test('the analyses say what their numbers are', () => {
  const side = 5;
  const bowl = { side, span: 1, losses: Float32Array.from({ length: 25 }, (_, i) =>
    Math.hypot(Math.floor(i / side) - 2, i % side - 2)) };
  assert.equal(ringsOf(bowl)[0], 0);
  assert.ok(Math.abs(ringsOf(bowl)[4] - (4 * 2 + 8 * Math.sqrt(5)) / 12) < 1e-6, 'two cells away, or a knight\'s move');
  assertSentence(landscapeVerdict(bowl));
  assert.equal(landscapeVerdict({ ...bowl, losses: bowl.losses.fill(NaN) }).values.height, Infinity);

  // 9 blocks whose paths weaken by half at each: the mass is binomial with p = 1/3, of which 90 % lies from 1 to 5.
  let count = 1;
  const paths = Array.from({ length: 10 }, (_, length) => {
    if (length > 0) count = count * (10 - length) / length;
    return { length, count, gradient: 0.5 ** length };
  });
  assert.deepEqual(pathsVerdict(paths).values, { from: 1, to: 5, blocks: 9 });
  assertSentence(pathsVerdict(paths));
  assertSentence(pathsVerdict(paths.map(path => ({ ...path, gradient: 0 }))));

  const row = (/** @type {number} */ mean, stages = 0) =>
    ({
      stages, mean, low: mean - 0.2, high: mean + 0.2, accuracies: [mean],
      gain: mean - 0.8, gainLow: mean - 0.82, gainHigh: mean - 0.78, diverged: 0,
    });
  const told = (/** @type {number[]} */ ...means) => {
    const verdict = transferVerdict({ scratch: row(0.8), frozen: means.map(row) });
    assertSentence(verdict);
    return verdict;
  };
  assert.deepEqual(told(0.9, 0.92, 0.8, 0.6).values, { scratch: 0.8, best: 0.92, frozen: 1, stages: 3 });
  assert.equal(told(0.9, 0.9).key, 'skiplab.transfer.helps');
  assert.equal(told(0.8, 0.6).key, 'skiplab.transfer.hurts');
  assert.equal(told(0.8, 0.81).key, 'skiplab.transfer.same');
  assert.equal(otherDomain(dataNamed(defaultSettings().data, 'shapes')), 'outlined');
  assert.equal(otherDomain(dataNamed(defaultSettings().data, 'emoji')), 'drawn');
  assert.equal(otherDomain(defaultSettings().data), undefined);
  assert.deepEqual(withPaths(settings({ networks: networks({ join: 'none' }, {}, { join: 'gate' }) })), [1]);
  const trained = runOf(settings({ networks: networks({}, { join: 'none' }) }), [NaN, 1]);
  assert.equal(obstacleOf('landscape', trained), undefined);
  assert.equal(obstacleOf('paths', trained), 'skiplab.compute.diverged', 'the only one with paths broke off');
  assert.equal(obstacleOf('paths', runOf(settings({ networks: networks({ join: 'none' }) }), [1])),
    'skiplab.paths.no-residual');
});

test('axes have round numbers', () => {
  assert.deepEqual(ticks(0, 2.4, 4), [0, 1, 2]);
  assert.deepEqual(ticks(0, 0.3, 4), [0, 0.1, 0.2, 0.3]);
  assert.deepEqual(ticks(1, 200, 4), [50, 100, 150, 200]);
  assert.deepEqual(powers(1e-3, 1e3, 5), [-3, -1, 1, 3]);
  assert.deepEqual(logRange([0.002, 434, NaN, 0, Infinity]), { min: 0.001, max: 1000, isLog: true });
  assert.deepEqual(logRange([]), { min: 0.1, max: 1, isLog: true });
  assert.equal(placeIn(10, { min: 1, max: 100, isLog: true }), 0.5);
  assert.equal(placeIn(9, { min: 0, max: 3, isLog: false }), 1);
});

/** A lab that runs at once, and a runner on it that writes down what happens. */
function runnerOnFake() {
  /** @type {string[]} */ const log = [];
  /** @type {any[]} */ const kept = [];
  const engine = { step: 0, isPaused: false, fault: /** @type {Error | null} */ (null) };
  const layers = measured([1, 1, 1], [1, 1, 1]).layers;
  const lab = /** @type {any} */ ({
    /** @param {Settings} chosen @param {{ state?: Blob }} options */
    async start(chosen, { state }) {
      if (engine.fault) throw engine.fault;
      engine.step = state ? Number(await state.text()) : 0;
      return { networks: chosen.networks.map(() => ({ layers, parameters: 1, bytes: 1 })), step: engine.step, steps: 6,
        train: 10, held: 10, classes: ['a', 'b'] };
    },
    /** @param {{ steps?: number, onStep: (report: StepReport) => void }} options */
    async run({ steps = 6, onStep }) {
      engine.isPaused = false;
      for (let done = 0; done < steps && engine.step < 6 && !engine.isPaused; done++) {
        await new Promise(done => setImmediate(done)); // as an engine in a worker, it is not there at once
        onStep(reportOf(++engine.step, 6, [0.5, 1]));
      }
      return { step: engine.step, steps: 6, done: engine.step === 6, diverged: [-1, -1] };
    },
    pause() { engine.isPaused = true; },
    score: async () => [0, 1].map(() => ({ learnt: { n: 1, loss: 0, accuracy: 1 }, held: null })),
    state: async () => new Blob([String(engine.step)]),
  });
  const runner = createRunner({
    lab: async () => lab,
    store: { save: async one => { kept.push(one); }, clear: async () => { kept.length = 0; } },
    onState: state => log.push(state),
    onBegin: () => log.push('begin'),
    onStep: ({ step }) => {
      log.push(String(step));
      if (step === 2 && log.includes('pause at 2')) void runner.pause();
    },
    onFail: error => log.push(`fail ${/** @type {Error} */ (error).message}`),
  });
  return { runner, engine, log, kept, heard: () => log.splice(0).join(' ') };
}

test('a run begins, is kept, and ends with the scores of its end', async () => {
  const { runner, kept, heard } = runnerOnFake();
  await runner.train(defaultSettings());
  assert.equal(heard(), 'starting begin paused running 1 2 3 4 5 6 done');
  assert.equal(kept.length, 1);
  assert.equal(kept[0].record.done, true);
  assert.deepEqual(runner.record?.networks[0].learnt.at(-1), { n: 1, loss: 0, accuracy: 1, step: 6 });
  await runner.stop();
  assert.equal(heard(), 'none');
  assert.equal(kept.length, 0);
});

test('a run pauses, makes single steps, and goes on after a reload where it was', async () => {
  const { runner, log, kept, heard } = runnerOnFake();
  log.push('pause at 2');
  await runner.train(defaultSettings());
  assert.equal(heard(), 'pause at 2 starting begin paused running 1 2 pausing paused');
  await runner.goOn(1);
  assert.equal(heard(), 'running 3 paused');
  const other = runnerOnFake();
  await other.runner.restore(kept.at(-1), defaultSettings());
  assert.equal(other.runner.record?.step, 3);
  assert.equal(other.runner.record?.networks[0].losses.length, 3);
  await other.runner.goOn();
  assert.equal(other.heard(), 'starting begin paused running 4 5 6 done');
});

test('a run that cannot start says why and leaves nothing', async () => {
  const { runner, engine, heard } = runnerOnFake();
  engine.fault = new Error('too much');
  await runner.train(defaultSettings());
  assert.equal(heard(), 'starting none fail too much');
  assert.equal(runner.record, undefined);
});

test('the speed is that of the last steps', () => {
  let now = 0;
  const pace = createPace(() => now);
  pace.reset();
  assert.equal(pace.perSecond(), undefined);
  for (let step = 0; step < 50; step++) {
    now += step < 25 ? 1000 : 100;
    pace.step();
  }
  assert.equal(pace.perSecond(), 10);
});

test('only the newest settings are asked about', async () => {
  /** @type {number[]} */ const asked = [];
  /** @type {number[]} */ const answered = [];
  const lab = /** @type {any} */ ({
    signal: async (/** @type {Settings} */ { seed }) => { asked.push(seed); return { networks: [], ms: 1 }; },
  });
  await new Promise((/** @type {(value?: unknown) => void} */ done, failed) => {
    const signaller = createSignaller({
      lab: async () => lab, onFail: failed,
      onSignal: (_, { seed }) => { answered.push(seed); done(); },
    });
    for (const seed of [1, 2, 3]) signaller.ask(settings({ seed }));
  });
  assert.deepEqual([asked, answered], [[3], [3]]);
});

test('settings that change alone are asked about at once', async () => {
  /** @type {number[]} */
  const asked = [];
  const lab = /** @type {import('../static/page/lab/types.js').Lab} */ (/** @type {unknown} */ ({
    async signal(/** @type {Settings} */ { seed }) { asked.push(seed); },
  }));
  const onFail = (/** @type {unknown} */ error) => assert.fail(String(error));
  const signaller = createSignaller({ lab: async () => lab, onFail, onSignal() {} });
  signaller.ask(settings({ seed: 1 }));
  await new Promise(setImmediate); // before any timer
  assert.deepEqual(asked, [1]);
});
