// @ts-check
/** Runs: their stored form, their check when they come from an untrusted file, and how old ones are shortened. */

/** @typedef {import('../../zproto.js').Trained} Trained */
/** @typedef {import('../../zproto.js').TrainStep} TrainStep */
/**
 * What a run has beside the engine's answer. ids, labels and sides have one entry for each picture; ids and labels are
 * empty in runs whose answers were dropped.
 * @typedef {object} RunData
 * @property {string[]} ids  of the pictures
 * @property {number[]} labels  the pictures' classes, as indices
 * @property {number[]} sides  the pictures' sides, as zproto.js numbers them
 * @property {string[]} classes  their names
 * @property {number} augmentations  of each picture
 * @property {number} seed
 * @property {number} when  in ms since 1970
 * @property {TrainStep[]} curve  the training's steps
 * @property {number[]} blocks  whose means the classifier gets; empty: the last block's
 * @property {number} depth  how many of the last blocks the method 'last-block' trains
 * @property {AdaptedRun} [adapted]  how it was fitted to another domain; such a run has no answers
 * @property {number} [replaced]  when the run was made whose head is kept while this one is the newest head
 * @property {boolean} [imported]  whether the weights are from a file, so that nothing is known of the training
 */
/**
 * What is known of a classifier that was fitted to another domain.
 * @typedef {object} AdaptedRun
 * @property {import('../../zproto.js').AdaptMethod} method
 * @property {boolean} chosen  whether it was the best by the criterion
 * @property {number} criterion  what the choice went by, from 0 to 1
 * @property {number} judged  how many pictures of the target have a label that judged it
 * @property {import('../../zproto.js').Rate | null} accuracy  on these
 * @property {import('../../zproto.js').Compared | null} against  compared there with the classifier as it was
 * @property {number} source  how many pictures it learnt from
 * @property {number} target  how many pictures of the other domain it was fitted to
 */
/** One training and its results. @typedef {Trained & RunData} Run */
/** @typedef {Omit<TrainStep, 'method'> & { depth: TrainStep['method'] }} StoredStep */
/**
 * A run as databases and project files have it. They keep older names of some fields: depth for method, copies for
 * augmentations, strength for l2; and so trainedBlocks for depth. Old runs lack blocks, trainedBlocks and
 * missingForNone.
 * @typedef {Omit<Run, 'method' | 'augmentations' | 'l2' | 'curve' | 'blocks' | 'depth' | 'missingForNone'> & {
 *   depth: Run['method'], copies: number, strength: number, curve: StoredStep[], blocks?: number[],
 *   trainedBlocks?: number, missingForNone?: number,
 * }} StoredRun
 */

/** @param {Run} run @returns {StoredRun} */
export const storedRun = ({
  method: depth, augmentations: copies, l2: strength, depth: trainedBlocks, curve, ...run
}) => ({
  ...run, depth, copies, strength, trainedBlocks,
  curve: curve.map(({ method, ...step }) => ({ ...step, depth: method })),
});

/** @param {StoredRun} run @returns {Run} */
export const runFromStored = ({
  depth: method, copies: augmentations, strength: l2, trainedBlocks: depth = 1, blocks = [], curve, ...run
}) => ({
  ...(run.missingForNone === undefined ? withoutNone(run) : { ...run, missingForNone: run.missingForNone }),
  method, augmentations, l2, depth, blocks,
  curve: curve.map(({ depth, ...step }) => ({ ...step, method: depth })),
});

/** @param {import('../../zproto.js').Evaluation | null} of */
const withoutOutliers = of => of && { ...of, outliers: 0 };

/**
 * An old run without its answers "none of these", which any number of pictures was enough for. The engine does not use
 * its threshold either.
 * @template {{ answers: Trained['answers'], validation: Trained['validation'], test: Trained['test'] }} Old
 * @param {Old} run
 */
const withoutNone = run => ({
  ...run, missingForNone: 0, answers: run.answers.map(answer => ({ ...answer, class: answer.best })),
  validation: withoutOutliers(run.validation), test: withoutOutliers(run.test),
});

/**
 * A run without its answers to single pictures, for when a newer run of the same method exists. For thousands of
 * pictures the answers are megabytes, which would be written with every change of the project's header.
 * @param {Run} run
 * @returns {Run}
 */
export const withoutAnswers = run => ({ ...run, ids: [], labels: [], sides: [], answers: [] });

/**
 * A run of weights that are from a file.
 * @param {import('../../zproto.js').Used} used
 * @returns {Run}
 */
export const importedRun = ({ method, classes, l2, temperature, blocks, depth }) => ({
  method, classes, l2, temperature, blocks: blocks ?? [], depth: depth || 1, imported: true, when: Date.now(),
  bestEpoch: 0, stopped: false, ms: 0, augmentations: 0, seed: 0, similarity: 1, missingForNone: 0, ids: [],
  labels: [], sides: [], answers: [], curve: [], validation: null, test: null,
});

/** @param {unknown} value @returns {value is Record<string, any>} */
const isObject = value => typeof value === 'object' && value !== null && !Array.isArray(value);
/** @param {(value: any) => boolean} is @param {number} [length] */
const isList = (is, length) => (/** @type {unknown} */ value) =>
  Array.isArray(value) && (length === undefined || value.length === length) && value.every(is);
/** @param {Record<string, (value: any) => boolean>} fields */
const isLike = fields => (/** @type {unknown} */ value) =>
  isObject(value) && Object.entries(fields).every(([name, is]) => is(value[name]));
/** @param {(value: any) => boolean} is */
const orNull = is => (/** @type {unknown} */ value) => value === null || is(value);

const isNumber = (/** @type {unknown} */ value) => Number.isFinite(value);
const isText = (/** @type {unknown} */ value) => typeof value === 'string';
const isWhole = (/** @type {unknown} */ value) => Number.isSafeInteger(value) && Number(value) >= 0;
/** @param {(value: any) => boolean} is */
const orAbsent = is => (/** @type {unknown} */ value) => value === undefined || is(value);
const isRate = isLike({ k: isNumber, n: isNumber, low: isNumber, high: isNumber });
const isScore = isLike({ n: isNumber, accuracy: isNumber, loss: isNumber });
const isComparison = isLike({ n: isNumber, difference: isNumber, low: isNumber, high: isNumber, verdict: isText });
const isAdapted = isLike({
  method: isText, chosen: chosen => typeof chosen === 'boolean', criterion: isNumber, judged: isWhole,
  accuracy: orNull(isRate), against: orNull(isComparison), source: isWhole, target: isWhole,
});
const isStep = isLike({
  depth: isText, done: isNumber, total: isNumber, train: orNull(isScore), validation: orNull(isScore),
});

/**
 * Whether a value from an untrusted file is a stored run with everything that the page shows.
 * @param {unknown} value
 * @returns {value is StoredRun}
 */
export function isRun(value) {
  if (!isObject(value) || !isList(isText)(value.classes) || !isList(isText)(value.ids)) return false;
  const n = value.classes.length;
  const isClass = (/** @type {unknown} */ at) => Number.isInteger(at) && Number(at) >= 0 && Number(at) < n;
  const isAnswer = isLike({
    class: at => at === -1 || isClass(at), best: isClass, probabilities: isList(isNumber, n),
  });
  const isEvaluation = isLike({
    accuracy: isRate, recall: isList(isRate, n), precision: isList(isRate, n),
    confusion: isList(isList(isNumber, n), n), ece: isNumber, outliers: isNumber, bins: isList(isObject),
  });
  return isLike({
    depth: depth => ['class-means', 'head', 'last-block', 'scratch'].includes(depth),
    labels: isList(isClass, value.ids.length),
    sides: isList(isNumber, value.ids.length),
    answers: isList(isAnswer, value.ids.length),
    copies: isNumber, seed: isNumber, when: isNumber, strength: isNumber, temperature: isNumber,
    bestEpoch: isNumber, ms: isNumber, similarity: isNumber, stopped: stopped => typeof stopped === 'boolean',
    blocks: orAbsent(isList(isWhole)), trainedBlocks: orAbsent(isWhole), missingForNone: orAbsent(isWhole),
    replaced: orAbsent(isNumber), adapted: orAbsent(isAdapted),
    curve: isList(isStep), validation: orNull(isEvaluation), test: orNull(isEvaluation),
  })(value);
}
