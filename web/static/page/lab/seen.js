// What was seen in a run, made from its own numbers. Where a lesson's run went otherwise than usual, it says so.

import { finals } from './record.js';
import { lessonOf } from './settings.js';
import { endsOf } from './verdicts.js';

/** @typedef {import('./record.js').RunRecord} RunRecord */
/** @typedef {import('./verdicts.js').Verdict} Verdict */
/** @typedef {ReturnType<typeof finals>[number]} Final */

/** A network that guesses has this loss. @param {number} classes */
const guessing = classes => Math.log(classes);

/**
 * Whether a loss is still that of guessing, within 2 %.
 * @param {Final} final
 * @param {number} guess
 */
const isStuck = ({ loss, divergedAt }, guess) => divergedAt > 0 || !(loss < 0.98 * guess);

/** Whether a network has learnt much of what there is to learn. @param {Final} final @param {number} guess */
const hasLearnt = ({ loss, divergedAt }, guess) => divergedAt === 0 && loss < 0.5 * guess;

/**
 * Whether the run of a lesson went as it usually does: as PyTorch's does, and web/test/skiplab.mjs's, seed by seed.
 * @type {Record<string, (finals: Final[], guess: number) => boolean>}
 */
const isUsual = {
  shallow: ([residual, plain], guess) => hasLearnt(residual, guess) && hasLearnt(plain, guess),
  deep: ([residual, plain], guess) =>
    hasLearnt(residual, guess) && (plain.divergedAt > 0 || residual.loss <= 0.25 * plain.loss),
  vanishing: ([residual, plain], guess) => !isStuck(residual, guess) && isStuck(plain, guess),
  exploding: ([residual, zero, plain], guess) =>
    isStuck(residual, guess) && isStuck(plain, guess) && !isStuck(zero, guess),
};

/**
 * Lessons whose end depends on the seed, and what is left that does not: without norms the plain network stays at
 * guessing. How far residual ones get in 200 steps differs. With 20 layers PyTorch's end with losses from 0.39 to 2.28.
 * @type {Record<string, { outcome: string, fits: (finals: Final[], guess: number) => boolean }>}
 */
const bySeed = {
  vanishing: {
    outcome: 'slow', fits: ([residual, plain], guess) => isStuck(plain, guess) && residual.loss < plain.loss,
  },
  exploding: { outcome: 'mixed', fits: ([, , plain], guess) => isStuck(plain, guess) },
};

/**
 * How the run of a whole lesson went.
 * @param {string} lesson
 * @param {Final[]} finals
 * @param {number} guess
 */
function outcomeOf(lesson, finals, guess) {
  if (isUsual[lesson](finals, guess)) return 'usual';
  return bySeed[lesson]?.fits(finals, guess) ? bySeed[lesson].outcome : 'unusual';
}

/**
 * What the run as a whole shows.
 * @param {RunRecord} record
 * @returns {Verdict}
 */
export function conclusionOf(record) {
  const all = finals(record);
  const guess = guessing(record.started.classes.length);
  const values = { guess, steps: record.step };
  const lesson = lessonOf({ ...record.settings, seed: 1, steps: lessonSteps });
  // What is usual is known of whole lessons only, and a network that has diverged has no loss to tell.
  if (lesson && record.step >= lessonSteps && all.every(({ divergedAt }) => divergedAt === 0)) {
    const losses = Object.fromEntries(all.map(({ loss }, i) => [['loss', 'second', 'third'][i], loss]));
    return { key: `skiplab.seen.${lesson}.${outcomeOf(lesson, all, guess)}`, values: { ...values, ...losses } };
  }
  if (all.every(final => isStuck(final, guess))) return { key: 'skiplab.seen.none', values };
  const order = all.map((final, i) => ({ ...final, i })).sort((a, b) => rank(a) - rank(b));
  const [best, worst] = [order[0], order[order.length - 1]];
  if (order.length === 1) return { key: 'skiplab.seen.one', values: { ...values, loss: best.loss } };
  const both = { ...values, network: best.i, other: worst.i, loss: best.loss, second: worst.loss };
  if (worst.divergedAt > 0) return { key: 'skiplab.seen.broke', values: { ...both, step: worst.divergedAt } };
  if (worst.loss - best.loss < closeLosses * guess) return { key: 'skiplab.seen.close', values: both };
  return { key: best.loss <= 0.5 * worst.loss ? 'skiplab.seen.apart' : 'skiplab.seen.ahead', values: both };
}

/** Losses that differ by a smaller share of what guessing has are close together. */
const closeLosses = 0.1;

/** The steps of the lessons: one with more steps, or another seed, is the same lesson still. */
const lessonSteps = 200;

/** @param {Final} final */
const rank = ({ loss, divergedAt }) => (divergedAt > 0 || Number.isNaN(loss) ? Infinity : loss);

/**
 * What each network showed: one or two sentences.
 * @param {RunRecord} record
 * @returns {Verdict[][]}
 */
export function networksSeen(record) {
  return finals(record).map(({ loss, held, divergedAt }, i) => {
    /** @type {Verdict[]} */
    const said = [];
    if (divergedAt > 0) said.push({ key: 'skiplab.seen.diverged', values: { step: divergedAt } });
    else if (held) said.push({ key: 'skiplab.seen.network', values: { loss, held: held.accuracy } });
    else said.push({ key: 'skiplab.seen.network.blind', values: { loss } });
    const gradients = record.first?.networks[i]?.weightGradients;
    const layers = record.started.networks[i]?.layers;
    if (gradients && layers) said.push({ key: 'skiplab.seen.gradients', values: endsOf(layers, gradients) });
    return said;
  });
}
