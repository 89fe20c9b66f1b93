// @ts-check
/** What is asked about pictures of several domains. Each question sends the pictures' block means to the engine. */
import { badArgument, cannotTeach } from '../errors.js';
import { samples, sides } from '../../zproto.js';
import { stratified } from './sample.js';
import { split } from './split.js';
import { checkBlocks } from './training.js';

/** @typedef {import('../../zproto.js').Probed} Probed */
/** @typedef {import('../../zproto.js').Ranked} Ranked */
/** @typedef {import('./memorystore.js').PictureRecord} PictureRecord */
/** @typedef {import('./state.js').ProjectState} ProjectState */
/** @typedef {import('./blockmeans.js').RowOptions} RowOptions */
/** @typedef {import('../../zproto.js').BlockDistance} BlockDistance */

/**
 * A linear classifier on every block.
 * @param {ProjectState} state
 * @param {RowOptions & { only?: number[], onProgress?: (probed: Probed) => void }} options
 */
export async function probes(state, { only = [], onProgress, ...options }) {
  const { engine, store, header, blockMeans } = state;
  const blocks = checkOnly(state, only);
  await state.allReady(options.signal);
  const labelled = taughtPictures(state);
  await split(engine, store, labelled, header.classes, header.seed).catch(error => state.reportFull(error));
  const pictures = [
    ...sampled(state, labelled.filter(({ test }) => !test), samples.probe),
    ...sampled(state, labelled.filter(({ test }) => test), blockMeans.maxPictures - samples.probe),
  ];
  const { json } = await engine.ask('domains-probe', {
    classes: header.classes.length,
    labels: labelsOf(state, pictures),
    sides: pictures.map(({ side, test }) => (test ? sides.test : side)),
    seed: header.seed,
    only: blocks,
  }, { buffers: { blocks: await rowsOf(state, pictures, options) }, onProgress, signal: options.signal });
  return /** @type {Probed} */ (JSON.parse(json)).blocks;
}

/**
 * How well each block suits the classes, without training.
 * @param {ProjectState} state
 * @param {RowOptions & { ids?: string[] }} options
 * @returns {Promise<Ranked & { pictures: number }>}
 */
export async function rank(state, { ids, ...options }) {
  const { engine, header } = state;
  await state.allReady(options.signal);
  const given = ids ? ids.map(id => state.picture(id)) : taughtPictures(state).filter(({ test }) => !test);
  const unlabelled = given.find(({ classId }) => classId === '');
  if (unlabelled) throw badArgument(`the picture ${unlabelled.id} has no class, so nothing can suit it`);
  const pictures = sampled(state, given, samples.rank);
  const { json } = await engine.ask('domains-rank',
    { classes: header.classes.length, labels: labelsOf(state, pictures) },
    { buffers: { blocks: await rowsOf(state, pictures, options) }, signal: options.signal });
  return { ...JSON.parse(json), pictures: pictures.length };
}

/**
 * How far apart two sets of pictures are.
 * @param {ProjectState} state
 * @param {string[]} idsA
 * @param {string[]} idsB
 * @param {RowOptions & {
 *   only?: number[], permutations?: number, onProgress?: (distances: BlockDistance[]) => void }} options
 * @returns {Promise<BlockDistance[]>}
 */
export async function distance(state, idsA, idsB, { only = [], permutations = 0, onProgress, ...options }) {
  const { engine, header } = state;
  const blocks = checkOnly(state, only);
  const [allA, allB] = twoSets(state, ['the first set', idsA], ['the second set', idsB]);
  await state.ready(options.signal);
  // A sample that kept the classes' parts would make two sets more alike than chance does. And of sets that are pairs,
  // as photos and their drawings, it must not take the same pairs.
  const [a, b] = [allA, allB].map((all, i) => stratified(all, samples.distance, () => '', header.seed + i));
  const [rowsA, rowsB] = [await rowsOf(state, a, options), await rowsOf(state, b, options)];
  const { json } = await engine.ask('domains-distance', {
    only: blocks, permutations, seed: header.seed, dhashesA: dhashesOf(a), dhashesB: dhashesOf(b),
  }, {
    buffers: { a: rowsA, b: rowsB },
    onProgress: onProgress && (({ blocks }) => onProgress(blocks)),
    signal: options.signal,
  });
  return /** @type {import('../../zproto.js').Distances} */ (JSON.parse(json)).blocks;
}

/** How many pictures tell what has moved. More make it no clearer, and each takes a pass. */
const maxMoved = 500;

/**
 * How alike the blocks are before and after the last blocks were taught.
 * @param {ProjectState} state
 * @param {RowOptions} options
 * @returns {Promise<{ blocks: number, data: Float32Array, pictures: number }>}
 */
export async function moved(state, { onPrepared, signal }) {
  const { engine, header, weights, blockMeans } = state;
  const run = state.latestRun('last-block');
  if (!run) throw badArgument('nothing has moved yet; call train({ method: "last-block" }) first');
  await state.ready(signal);
  const labelled = taughtPictures(state);
  const pictures = stratified(labelled, Math.min(maxMoved, Math.floor(blockMeans.maxPictures / 2)),
    ({ classId }) => classId, header.seed);
  const ids = pictures.map(({ id }) => id);
  const before = await blockMeans.rows(ids, { onPrepared, signal });
  let after;
  do { // repeats if another teacher has loaded its weights into the engine meanwhile
    await weights.load(run, 'last-block');
    after = await blockMeans.taughtRows(ids, { onPrepared, signal });
  } while (!weights.isLoaded(run));
  const buffers = { before, after };
  const { json, data } = await engine.ask('domains-moved', { seed: header.seed }, { buffers, signal });
  return { pictures: ids.length, ...JSON.parse(json), data };
}

/**
 * Draws pictures of a task of the Skip lab's shapes.
 * @param {ProjectState} state
 * @param {{ task: string, domain?: string, size?: number, count: number, difficulty?: number, seed?: number }} options
 */
export async function drawShapes(state, { domain = 'filled', size = 64, difficulty = 0, seed = 1, ...options }) {
  const args = { domain, size, difficulty, seed, ...options };
  const { json, buffers } = await state.engine.ask('domains-shapes', args, {});
  const { classes } = /** @type {import('../../zproto.js').ShapesDrawn} */ (JSON.parse(json));
  const { pictures, labels } = buffers;
  return {
    classes,
    pictures: Array.from(labels, (label, i) => ({ label, image: imageOf(pictures, i, size) })),
  };
}

/** @param {ArrayLike<number>} rgb  of all pictures  @param {number} at  @param {number} size */
function imageOf(rgb, at, size) {
  const image = new ImageData(size, size);
  for (let p = 0, from = at * size * size * 3; p < size * size; p++) {
    for (let c = 0; c < 3; c++) image.data[4 * p + c] = rgb[from++];
    image.data[4 * p + 3] = 255;
  }
  return image;
}

/** The pictures with a class. @param {ProjectState} state */
function taughtPictures(state) {
  const pictures = state.labelled();
  if (pictures.length > 0) return pictures;
  const reason = 'there are no pictures yet; add two classes, and some pictures to each';
  throw cannotTeach(reason, 'no-pictures');
}

/** Block indices in ascending order, checked. @param {ProjectState} state @param {number[]} only */
function checkOnly({ engine: { info } }, only) {
  checkBlocks(info, only);
  return [...new Set(only)].sort((a, b) => a - b);
}

/** @param {ProjectState} state @param {PictureRecord[]} pictures */
export function labelsOf({ header }, pictures) {
  const index = new Map(header.classes.map(({ id }, i) => [id, i]));
  return pictures.map(({ classId }) => index.get(classId) ?? -1);
}

/** By which near-duplicates are found. @param {PictureRecord[]} pictures */
export const dhashesOf = pictures => pictures.map(({ dhash }) => dhash);

/** What a sample keeps the parts of. @param {PictureRecord} picture */
const groupOf = ({ classId, test, side }) => `${classId} ${test} ${side}`;

/**
 * At most so many of the pictures, but one of each class and side at least. More are not sent, as the engine would not
 * look at them.
 * @param {ProjectState} state
 * @param {PictureRecord[]} pictures
 * @param {number} most
 */
function sampled({ blockMeans, header }, pictures, most) {
  const sidesOfClasses = 3 * header.classes.length;
  const max = Math.min(Math.max(most, 2 * sidesOfClasses), blockMeans.maxPictures);
  return stratified(pictures, max, groupOf, header.seed);
}

/**
 * As many of two sets of pictures as one request takes. A small set stays whole. The first keeps its classes' parts; of
 * the second nobody may know them.
 * @param {ProjectState} state
 * @param {PictureRecord[]} a
 * @param {PictureRecord[]} b
 * @param {number} times  how many rows of each picture the request has
 */
export function sampledPair({ blockMeans, header }, a, b, times) {
  const max = Math.floor(blockMeans.maxPictures / times);
  const half = Math.floor(max / 2);
  const maxA = Math.max(half, max - b.length);
  const maxB = Math.max(max - half, max - a.length);
  return [stratified(a, maxA, groupOf, header.seed), stratified(b, maxB, () => '', header.seed + 1)];
}

/**
 * The records of two sets of pictures that have nothing in common.
 * @param {ProjectState} state
 * @param {[what: string, ids: string[]]} a
 * @param {[what: string, ids: string[]]} b
 */
export function twoSets(state, [whatA, idsA], [whatB, idsB]) {
  const [a, b] = [new Set(idsA), new Set(idsB)];
  const setA = [...a].map(id => state.picture(id));
  const setB = [...b].map(id => state.picture(id));
  if (a.size === 0) throw badArgument(`${whatA} has no picture`);
  if (b.size === 0) throw badArgument(`${whatB} has no picture`);
  const common = [...a].filter(id => b.has(id));
  if (common.length === a.size && common.length === b.size) {
    throw badArgument(`${whatA} and ${whatB} are the same pictures`);
  }
  if (common.length > 0) {
    const many = `${common.length} ${common.length === 1 ? 'picture is' : 'pictures are'}`;
    throw badArgument(`${many} in both sets, such as ${common[0]}; a picture can be in one of them`);
  }
  return [setA, setB];
}

/**
 * The block means of pictures.
 * @param {ProjectState} state
 * @param {PictureRecord[]} pictures
 * @param {RowOptions} options
 */
export const rowsOf = ({ blockMeans }, pictures, options) => blockMeans.rows(pictures.map(({ id }) => id), options);
