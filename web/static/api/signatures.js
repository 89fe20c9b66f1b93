// @ts-check
/**
 * What each method of the public API takes. An option that stands in no table is refused, for it is most often a
 * misspelt one. A test holds the tables to the classes.
 */
import {
  ablate, address, anything, between, blob, blobs, blockList, callback, flag, iterable, modelName, object, oneOf, port,
  positive, required, signal, someOf, text, texts, wholeFrom,
} from './arguments.js';
import { isShareID } from './teach/shareid.js';

/** @typedef {import('./arguments.js').Signature} Signature */

/** images.js tells what an image can be. @type {[string, import('./arguments.js').Kind]} */
const image = ['image', anything];
/** Any text may have an ID in it. @type {import('./arguments.js').Kind} */
const link = { what: 'a link, or the ID in it', is: value => value instanceof URL || text.is(value) };
const methods = oneOf('class-means', 'head', 'last-block', 'scratch');
const weights = oneOf('head', 'last-block');
const onProgress = callback;
const files = { onProgress, signal };
/** What the maps of a network and of a teacher have in common. */
const map = {
  block: wholeFrom(0), source: oneOf('x', 'f', 'sum', 'y'), size: wholeFrom(1), stride: wholeFrom(1), ablate,
  onProgress, signal,
};
const mapKind = oneOf('cam', 'grad-cam', 'occlusion');
const onPrepared = callback;
const depth = wholeFrom(1);
/** @type {import('../zproto.js').AdaptMethod[]} */
const adaptMethods = ['none', 'mean', 'standardise', 'coral', 'norms', 'priors'];

/** The static methods of Residua. @type {Record<string, Signature>} */
export const ofResidua = {
  load: {
    // load itself checks the file, of which there may be several kinds.
    options: {
      model: modelName, file: anything, side: blobs, models: address, threads: wholeFrom(0), onProgress, signal,
    },
  },
  models: { options: { models: address } },
  storage: {},
  forgetDownloaded: {},
  forget: { takes: [['model', modelName]], options: { models: address } },
};

/** The methods of a network that is loaded. @type {Record<string, Signature>} */
export const ofNetwork = {
  classify: { takes: [image], options: { topK: wholeFrom(1), ablate, signal } },
  features: { takes: [image], options: { signal } },
  trace: { takes: [image], options: { block: wholeFrom(0), topK: wholeFrom(0), ablate, signal } },
  cam: { takes: [image], options: { classIndex: wholeFrom(0), method: mapKind, ...map } },
  sweep: { takes: [image], options: { classIndex: wholeFrom(0), ablate, onProgress, signal } },
  filters: {},
  connectView: { takes: [['port', port]] },
  profile: { options: { runs: wholeFrom(1), signal } },
  teach: {
    options: { store: { what: 'a store from openStore', is: store => typeof store?.load === 'function' } },
    sync: true,
  },
  close: { sync: true },
};

/** @type {Record<string, Signature>} */
export const ofTeacher = {
  restore: { options: { onFault: callback, fromOtherModel: flag, signal } },
  rename: { takes: [['name', text]] },
  addClass: { takes: [['name', text]] },
  renameClass: { takes: [['name', text], ['new name', text]] },
  removeClass: { takes: [['name', text]] },
  add: { takes: [['class name', text], image], options: { name: text, domain: text, test: flag, onStored: callback } },
  addUnlabelled: { takes: [image], options: { name: text, domain: text, onStored: callback } },
  move: { takes: [['ids', texts], ['class name', text]] },
  remove: { takes: [['ids', texts]] },
  blob: { takes: [['id', text]] },
  maxPictures: {
    options: { method: methods, augmentations: wholeFrom(0), blocks: blockList, depth }, sync: true,
  },
  ready: {},
  computeMissing: { options: { signal } },
  train: {
    options: {
      method: methods, blocks: blockList, depth, seed: wholeFrom(0), augmentations: wholeFrom(0), epochs: wholeFrom(0),
      noMirror: flag, resume: flag, onStep: callback, onAugmented: callback, onPrepared, signal,
    },
  },
  predict: { takes: [image], options: { method: weights, ablate, signal } },
  trace: { takes: [image], options: { block: wholeFrom(0), method: weights, ablate, signal } },
  cam: { takes: [image], options: { index: required(wholeFrom(0)), method: weights, map: mapKind, ...map } },
  sweep: {
    takes: [image], options: { index: required(wholeFrom(0)), method: weights, ablate, onProgress, signal },
  },
  evaluate: { options: { method: methods }, sync: true },
  compare: { takes: [['base', run()], ['other', run()]] },
  inspect: {},
  map: { options: { ids: texts, signal } },
  export: { takes: [['format', oneOf('project', 'safetensors', 'onnx', 'head', 'last-block')]], options: files },
  import: { takes: [['file', blob]], options: { ...files, fromOtherModel: flag } },
  share: { options: { names: texts, signal } },
  importShared: { takes: [['link', link]], options: files },
  clear: {},
  seenPart: { takes: [['width', wholeFrom(1)], ['height', wholeFrom(1)]], sync: true },
  probes: { options: { only: blockList, onProgress, onPrepared, signal } },
  rank: { options: { ids: texts, onPrepared, signal } },
  distance: {
    takes: [['first set of ids', texts], ['second set of ids', texts]],
    options: { only: blockList, permutations: wholeFrom(1), onProgress, onPrepared, signal },
  },
  adapt: {
    options: {
      target: required(texts), source: texts, blocks: blockList, methods: someOf(...adaptMethods), judge: flag,
      onProgress, signal,
    },
  },
  useAdapted: { takes: [['what was adapted', adapted()], ['method', oneOf(...adaptMethods)]] },
  revert: { takes: [['run', run()]] },
  canRevert: { takes: [['run', run()]], sync: true },
  moved: { options: { onPrepared, signal } },
  drawShapes: {
    options: {
      task: required(oneOf('form', 'colour', 'direction', 'rotation', 'count')), domain: oneOf('filled', 'outlined'),
      size: wholeFrom(1), count: required(wholeFrom(1)), difficulty: between(0, 1), seed: wholeFrom(0),
    },
  },
};

function adapted() {
  const is = (/** @type {any} */ value) => Array.isArray(value?.methods) && Array.isArray(value.target) &&
    Array.isArray(value.source) && typeof value.weights === 'object' && value.weights !== null;
  return { what: 'an answer of adapt', is };
}

function run() {
  const fields = ['ids', 'labels', 'sides', 'answers'];
  const is = (/** @type {any} */ value) => fields.every(name => Array.isArray(value?.[name]));
  return { what: 'a run of train', is };
}

/** The static methods of Lab. @type {Record<string, Signature>} */
export const ofLabClass = { open: { options: { threads: wholeFrom(0), signal } } };

const network = required(wholeFrom(0));

/** The methods of a lab that is open. @type {Record<string, Signature>} */
export const ofLab = {
  addPictures: {
    takes: [['name', text], ['list of pictures', iterable]],
    options: { classes: required(texts), domains: texts, size: wholeFrom(1), onProgress, signal },
  },
  samples: { takes: [['data', object]], options: { count: wholeFrom(1), signal } },
  signal: { takes: [['settings', object]], options: { signal } },
  start: { takes: [['settings', object]], options: { state: blob, signal } },
  run: { options: { steps: wholeFrom(0), onStep: callback, signal } },
  pause: { sync: true },
  score: { options: { signal } },
  state: {},
  landscape: {
    options: { network, side: wholeFrom(3), span: positive, onProgress, signal },
  },
  paths: { options: { network, onProgress, signal } },
  transfer: {
    takes: [['settings', object]], options: { from: required(object), seeds: wholeFrom(2), onProgress, signal },
  },
  export: { options: { network, format: oneOf('safetensors', 'onnx'), title: text, signal } },
  close: { sync: true },
};

/** The functions beside the classes. @type {Record<string, Signature>} */
export const ofModule = {
  checkFile: { takes: [['file', blob]] },
  openStore: { options: { name: text, takeOver: flag } },
  storedModel: { options: { name: text } },
  seenPart: { takes: [['info', object], ['width', wholeFrom(1)], ['height', wholeFrom(1)]], sync: true },
};

/** What is found by recognize. @type {Record<string, Signature>} */
export const ofFiles = {
  recognize: { takes: [['file', blob]], options: { signal } },
  picturesIn: { takes: [['what was recognized', object], ['name', text]], sync: true },
  unpackPictures: { takes: [['file', blob], ['list of pictures', object]], options: files },
  unpackModel: { takes: [['file', blob], ['what was recognized', object]], options: files },
};

/** @type {Record<string, Signature>} */
export const ofSharing = {
  limitsOfHost: { options: { signal } },
  refusalOf: { takes: [['head', object], ['limits', object]], sync: true },
  share: { takes: [['head', blob]], options: { names: texts, signal } },
  linkOf: { takes: [['id', { what: '32 hexadecimal digits', is: isShareID }]], sync: true },
  nameFault: { takes: [['name', text]], sync: true },
  sanitizeName: { takes: [['name', text]], sync: true },
  fetchShare: { takes: [['link', link]], options: { signal } },
  describe: { takes: [['file', blob]] },
  renameClasses: { takes: [['file', blob], ['classes', texts]] },
};
