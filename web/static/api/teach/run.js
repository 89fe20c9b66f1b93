// @ts-check
/** One training and what came of it: checked when it comes out of a foreign file, and shortened when newer ones follow. */

/** @typedef {import('../../zproto.js').Trained} Trained */
/** @typedef {import('../../zproto.js').TrainStep} TrainStep */
/**
 * imported: its weights came out of a file, and nothing is known of the pictures that it has learnt from.
 * @typedef {Trained & { ids: string[], labels: number[], sides: number[], classes: string[], augmentations: number, seed: number, when: number, curve: TrainStep[], imported?: boolean }} Run
 */
/** @typedef {Omit<TrainStep, 'method'> & { depth: TrainStep['method'] }} KeptStep */
/** @typedef {Omit<Run, 'method' | 'augmentations' | 'l2' | 'curve'> & { depth: Run['method'], copies: number, strength: number, curve: KeptStep[] }} KeptRun  as stores and project files have it */

/** The form in which a run is kept: there the older names stay. @param {Run} run @returns {KeptRun} */
export const keptRun = ({ method: depth, augmentations: copies, l2: strength, curve, ...run }) =>
  ({ ...run, depth, copies, strength, curve: curve.map(({ method, ...step }) => ({ ...step, depth: method })) });

/** The way back. @param {KeptRun} run @returns {Run} */
export const runOfKept = ({ depth: method, copies: augmentations, strength: l2, curve, ...run }) =>
  ({ ...run, method, augmentations, l2, curve: curve.map(({ depth, ...step }) => ({ ...step, method: depth })) });

/**
 * What stays of a run when there is a newer one of the same method: how it went, but not the answer to each picture. Of thousands of pictures
 * these are megabytes, which are written each time that anything is saved.
 * @param {Run} run
 * @returns {Run}
 */
export const shortened = run => ({ ...run, ids: [], labels: [], sides: [], answers: [] });

/**
 * A run of weights that came out of a file.
 * @param {import('../../zproto.js').Used} used
 * @returns {Run}
 */
export const importedRun = ({ method, classes, l2, temperature }) => ({
  method, classes, l2, temperature, imported: true, when: Date.now(), bestEpoch: 0, stopped: false, ms: 0, augmentations: 0, seed: 0, similarity: 1,
  ids: [], labels: [], sides: [], answers: [], curve: [], validation: null, test: null,
});

/** @param {unknown} value @returns {value is Record<string, any>} */
const isObject = value => typeof value === 'object' && value !== null && !Array.isArray(value);
/** @param {(value: any) => boolean} is @param {number} [length] */
const isList = (is, length) => (/** @type {unknown} */ value) => Array.isArray(value) && (length === undefined || value.length === length) && value.every(is);
/** @param {Record<string, (value: any) => boolean>} fields */
const isLike = fields => (/** @type {unknown} */ value) => isObject(value) && Object.entries(fields).every(([name, is]) => is(value[name]));
/** @param {(value: any) => boolean} is */
const orNull = is => (/** @type {unknown} */ value) => value === null || is(value);

const isNumber = (/** @type {unknown} */ value) => Number.isFinite(value);
const isText = (/** @type {unknown} */ value) => typeof value === 'string';
const isRate = isLike({ k: isNumber, n: isNumber, low: isNumber, high: isNumber });
const isScore = isLike({ n: isNumber, accuracy: isNumber, loss: isNumber });
const isStep = isLike({ depth: isText, done: isNumber, total: isNumber, train: orNull(isScore), validation: orNull(isScore) });

/**
 * Whether something out of a file is a run as it is kept, with all that the page shows of one.
 * @param {unknown} value
 * @returns {value is KeptRun}
 */
export function isRun(value) {
  if (!isObject(value) || !isList(isText)(value.classes)) return false;
  const n = value.classes.length;
  const isClass = (/** @type {unknown} */ at) => Number.isInteger(at) && Number(at) >= 0 && Number(at) < n;
  const isEvaluation = isLike({
    accuracy: isRate, recall: isList(isRate, n), precision: isList(isRate, n), confusion: isList(isList(isNumber, n), n), ece: isNumber, outliers: isNumber, bins: isList(isObject),
  });
  return isList(isText)(value.ids) && isLike({
    depth: depth => ['class-means', 'head', 'last-block', 'scratch'].includes(depth),
    labels: isList(isClass, value.ids.length), sides: isList(isNumber, value.ids.length),
    answers: isList(isLike({ class: at => at === -1 || isClass(at), best: isClass, probabilities: isList(isNumber, n) }), value.ids.length),
    copies: isNumber, seed: isNumber, when: isNumber, strength: isNumber, temperature: isNumber, bestEpoch: isNumber, ms: isNumber, similarity: isNumber,
    stopped: stopped => typeof stopped === 'boolean', curve: isList(isStep), validation: orNull(isEvaluation), test: orNull(isEvaluation),
  })(value);
}
