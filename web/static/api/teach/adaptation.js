// @ts-check
/** Fits classifiers to pictures of another domain, makes one of them the one in use, and undoes that. */
import { badArgument, cannotTeach } from '../errors.js';
import { dhashesOf, labelsOf, rowsOf, sampledPair, twoSets } from './domains.js';
import { importedRun } from './run.js';
import { checkBlocks } from './training.js';

/** @typedef {import('../../zproto.js').AdaptMethod} AdaptMethod */
/** @typedef {import('./memorystore.js').PictureRecord} PictureRecord */
/** @typedef {import('./run.js').Run} Run */
/** @typedef {import('./state.js').ProjectState} ProjectState */
/** @typedef {import('../types.js').Buffers} Buffers */
/**
 * How far the fitting is. 'blocks': block means that are not stored are computed; 'norms': the norms' statistics are;
 * 'adapt': the methods are tried.
 * @typedef {{ phase: 'blocks' | 'norms' | 'adapt', done: number, total: number }} AdaptSteps
 */
/**
 * What came of the methods. source, target: the ids of the pictures that were used, fewer than given if memory does not
 * hold them all; each method's answers are in the order of target. weights: of each method, for useAdapted. classes:
 * their names. blocks: whose means were the features; empty for the last block's.
 * @typedef {import('../../zproto.js').Adapted & {
 *   source: string[], target: string[], classes: string[], blocks: number[],
 *   weights: Partial<Record<AdaptMethod, Uint8Array>>,
 * }} Adapted
 */
/**
 * @typedef {object} AdaptOptions
 * @property {string[]} target  ids of the other domain's pictures
 * @property {string[]} [source]  ids of the pictures to learn from; by default all with a class that are neither in
 *   target nor test pictures
 * @property {number[]} [blocks]  of which blocks the means are the features; by default the last block's
 * @property {AdaptMethod[]} [methods]  to try; by default all but 'norms', which takes two passes over all pictures
 * @property {boolean} [judge]  whether the classes of target's pictures, where they have one, judge the methods. They
 *   are used for nothing else
 * @property {(steps: AdaptSteps) => void} [onProgress]
 * @property {AbortSignal} [signal]
 */

/** The methods that need no further pass over the pictures. @type {AdaptMethod[]} */
const quickMethods = ['mean', 'standardise', 'coral', 'priors'];

/**
 * Tries the methods.
 * @param {ProjectState} state
 * @param {AdaptOptions} options
 * @returns {Promise<Adapted>}
 */
export async function adapt(state, options) {
  const { blocks = [], methods = quickMethods, judge = true, onProgress, signal } = options;
  const { engine, header } = state;
  const chosen = checkBlocks(engine.info, blocks);
  await state.ready(signal);
  const [allSource, allTarget] = setsOf(state, options);
  const withNorms = methods.includes('norms');
  const [source, target] = sampledPair(state, allSource, allTarget, withNorms ? 2 : 1);
  const rowOptions = {
    signal,
    onPrepared: (/** @type {{ done: number, total: number }} */ steps) => onProgress?.({ phase: 'blocks', ...steps }),
  };
  /** @type {Buffers} */
  const buffers = {
    source: await rowsOf(state, source, rowOptions),
    target: await rowsOf(state, target, rowOptions),
    ...withNorms ? await normsOf(state, source, target, { onProgress, signal }) : {},
  };
  const classes = header.classes.map(({ name }) => name);
  const { json, buffers: out } = await engine.ask('domains-adapt', {
    classes,
    labels: labelsOf(state, source),
    targetLabels: judge ? labelsOf(state, target) : [],
    blocks: chosen,
    methods: methods.filter(method => method !== 'none'), // it is always there
    seed: header.seed,
    sourceDHashes: dhashesOf(source),
    targetDHashes: dhashesOf(target),
  }, { buffers, onProgress: steps => onProgress?.({ phase: 'adapt', ...steps }), signal });
  /** @type {import('../../zproto.js').Adapted} */
  const answer = JSON.parse(json);
  const weights = Object.fromEntries(answer.methods
    .filter(({ method }) => out[`weights-${method}`])
    .map(({ method }) => [method, /** @type {Uint8Array} */ (out[`weights-${method}`])]));
  const idsOf = (/** @type {PictureRecord[]} */ pictures) => pictures.map(({ id }) => id);
  return { ...answer, source: idsOf(source), target: idsOf(target), classes, blocks: chosen, weights };
}

/**
 * The records of the pictures to learn from, and of the others.
 * @param {ProjectState} state
 * @param {AdaptOptions} options
 */
function setsOf(state, { source, target }) {
  const others = new Set(target);
  const learnt = source ?? state.labelled().filter(({ id, test }) => !test && !others.has(id)).map(({ id }) => id);
  if (!source && learnt.length === 0 && target.length > 0) {
    const reason = 'there are no pictures to learn from: none with a class that is neither a test picture nor one of ' +
      'the other domain';
    throw cannotTeach(reason, 'no-source');
  }
  const sets = twoSets(state, ['source', learnt], ['target', target]);
  const unlabelled = sets[0].find(({ classId }) => classId === '');
  if (unlabelled) throw badArgument(`the picture ${unlabelled.id} in source has no class to learn`);
  return sets;
}

/**
 * The features of both domains, each under the statistics of its own pictures.
 * @param {ProjectState} state
 * @param {PictureRecord[]} source
 * @param {PictureRecord[]} target
 * @param {Pick<AdaptOptions, 'onProgress' | 'signal'>} options
 * @returns {Promise<Buffers>}
 */
async function normsOf({ engine, store, header }, source, target, { onProgress, signal }) {
  const total = source.length + target.length;
  /** @param {PictureRecord[]} pictures  @param {number} before  how many are done already */
  const ask = async (pictures, before) => {
    const files = [];
    for (const { id } of pictures) files.push(await store.blob(id));
    const { buffers } = await engine.ask('domains-norms', { batch: 0, seed: header.seed }, {
      files,
      // The engine counts passes, of which a picture may take two.
      onProgress: steps => onProgress?.({
        phase: 'norms', done: before + Math.floor(pictures.length * steps.done / steps.total), total,
      }),
      signal,
    });
    return buffers;
  };
  const ofSource = await ask(source, 0);
  const ofTarget = await ask(target, source.length);
  return { sourceNorms: ofSource.blocks, targetNorms: ofTarget.blocks, norms: ofTarget.norms };
}

/**
 * Makes one of the classifiers of adapt the one that is used. The head that it takes the place of is kept.
 * @param {ProjectState} state
 * @param {Adapted} adapted
 * @param {AdaptMethod} method
 * @returns {Promise<Run>}
 */
export async function useAdapted(state, adapted, method) {
  const found = adapted.methods.find(one => one.method === method);
  const bytes = adapted.weights[method];
  if (!found || !bytes) throw badArgument(`"${method}" is none of the methods that were tried`);
  const { weights: taught, header } = state;
  const weights = bytes.slice().buffer;
  const used = await taught.describe(weights);
  const before = state.latestRun('head');
  /** @type {Run} */
  const run = {
    ...importedRun(used),
    imported: false,
    when: Math.max(Date.now(), ...header.history.map(({ when }) => when + 1)), // runs are told apart by it
    seed: header.seed,
    adapted: {
      method, chosen: adapted.chosen === method, criterion: found.criterion, judged: adapted.judged,
      accuracy: found.accuracy, against: found.against, source: adapted.source.length, target: adapted.target.length,
    },
  };
  // What was taught is kept, however often it is adapted.
  const previous = before && !before.adapted ? await taught.of(before) ?? undefined : undefined;
  const replaced = previous ? before?.when : before?.adapted && before.replaced;
  if (replaced !== undefined) run.replaced = replaced;
  await state.addRun(run, { weights, previous });
  return run;
}

/** @param {Run} run @param {Run} other */
const isSame = (run, other) => run.method === other.method && run.when === other.when;

/**
 * Whether a run's weights are there.
 * @param {ProjectState} state
 * @param {Run} run
 */
export function canRevert(state, run) {
  if (run.method !== 'head' && run.method !== 'last-block') return false;
  const latest = state.latestRun(run.method);
  return Boolean(latest && (isSame(latest, run) || run.method === 'head' && latest.replaced === run.when));
}

/**
 * Makes an earlier run's weights the ones in use again. Those that they take the place of are kept in turn.
 * @param {ProjectState} state
 * @param {Run} run
 * @returns {Promise<Run>} the run as it is in the history now
 */
export async function revert(state, run) {
  const { weights: taught } = state;
  const found = state.header.history.find(one => isSame(one, run));
  if (!found) throw badArgument('this run is not in the history of this project');
  if (!canRevert(state, found)) throw badArgument('the weights of this run are no longer kept; train again');
  if (state.latestRun() === found) return found;
  const latest = /** @type {Run} */ (state.latestRun(/** @type {'head' | 'last-block'} */ (found.method)));
  const others = state.header.history.filter(one => one !== found);
  if (latest === found) {
    await state.setHistory([...others, found]);
    return found;
  }
  const [kept, present] = [await taught.previous(), await taught.of(latest)];
  if (!kept) throw badArgument('the weights of this run are no longer kept; train again');
  const now = { ...found, replaced: latest.when };
  await state.setHistory([...others, now], { weights: kept, previous: present ?? undefined });
  return now;
}
