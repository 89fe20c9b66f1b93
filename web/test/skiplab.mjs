// Trains the networks of the Skip lab's four lessons on the digits, through the page's API in Chromium, and prints how
// they end, a line for each network and seed:
//
//   node web/test/skiplab.mjs [SEEDS]
//
// SEEDS is how many seeds there are, by default 5; LESSONS=deep,vanishing runs these only, and THREADS=1 computes on
// one thread.
// The loss is the mean over the last 20 batches, right is on the held-out digits, and the gradients are of the first
// and the last 3×3 convolution's weights before the first step. The last line says in how many seeds the ordering held
// that PyTorch gives (docs/rationale.md).
import './needs.mjs';
import { openAPIPage } from './apipage.mjs';
import { lessons } from '../static/page/lab/settings.js';

const seeds = Number(process.argv[2] ?? 5);
const wanted = process.env.LESSONS?.split(',') ?? Object.keys(lessons);
if (!(seeds >= 1)) {
  console.error('usage: node web/test/skiplab.mjs [SEEDS]');
  process.exit(2);
}

/** @typedef {{ loss: number, gradients: number[] }} End  of a network: its loss, and its gradients at the start */

/** The loss of a network that knows nothing of ten classes. */
const chance = Math.log(10);
/**
 * What must hold of each lesson's residual and plain network. Where norms are missing it is only what PyTorch has with
 * every seed: the plain one stays within 2 % of guessing. How far the residual one comes in 200 steps is chance; with
 * 56 layers its gradient explodes at the start.
 * @type {Record<string, (residual: End, plain: End) => boolean>}
 */
const orderings = {
  shallow: (residual, plain) => residual.loss <= plain.loss && plain.loss < chance / 2, // both learn
  deep: (residual, plain) => residual.loss <= 0.25 * plain.loss && plain.gradients[0] > 100 * plain.gradients[1],
  vanishing: (residual, plain) => guesses(plain) && residual.loss < plain.loss,
  exploding: (residual, plain) => guesses(plain) && residual.gradients[0] > 50,
};

/** @param {End} end */
const guesses = ({ loss }) => Math.abs(loss - chance) <= 0.02 * chance;

const { page, close } = await openAPIPage();
await page.evaluate(async threads => {
  const { Lab } = await import(/** @type {any} */ ('/static/residua.js'));
  Object.assign(globalThis, { lab: await Lab.open({ threads }) });
}, Number(process.env.THREADS ?? 0));

let held = 0;
for (let seed = 1; seed <= seeds; seed++) {
  let allHold = true;
  for (const name of wanted) {
    const settings = { ...lessons[name], seed };
    const run = await page.evaluate(async settings => {
      const { lab } = /** @type {any} */ (globalThis);
      await lab.start(settings);
      /** @type {any[]} */ const steps = [];
      await lab.run({ onStep: (/** @type {any} */ step) => steps.push(step) });
      return settings.networks.map((/** @type {unknown} */ _, /** @type {number} */ i) => {
        const of = steps.map(step => step.networks[i]), last = of.slice(-20);
        const first = of[0].weightGradients;
        return {
          loss: last.reduce((sum, { loss }) => sum + loss, 0) / last.length,
          diverged: last.some(step => step.diverged),
          right: of.at(-1).held?.accuracy,
          gradients: [first[0], first[first.length - 2]], // behind it is the linear layer
          ms: steps.reduce((sum, { ms }) => sum + ms, 0) / steps.length,
        };
      });
    }, settings);
    run.forEach((/** @type {any} */ one, /** @type {number} */ i) => {
      const { depth, norm, join, zeroLast } = settings.networks[i];
      console.log([
        `seed ${seed} ${name} depth ${depth} ${norm ? 'norm' : 'no norm'} ${join}${zeroLast ? ' from zero' : ''}`,
        one.diverged ? 'diverged' : `loss ${one.loss.toFixed(3)}`,
        `right ${(100 * one.right).toFixed(1)} %`,
        `gradients ${one.gradients.map((/** @type {number} */ g) => g.toPrecision(2)).join(' / ')}`,
        `${one.ms.toFixed(0)} ms a step of all`,
      ].join(' '));
    });
    const byJoin = (/** @type {string} */ join) =>
      run[settings.networks.findIndex((/** @type {any} */ network) => network.join === join)];
    if (!orderings[name](byJoin('add'), byJoin('none'))) {
      allHold = false;
      console.log(`seed ${seed} ${name}: the ordering does not hold`);
    }
  }
  if (allHold) held++;
}
await close();
console.log(`ordering held in ${held} of ${seeds} seeds`);
