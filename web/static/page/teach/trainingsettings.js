// The settings of a training: which layers learn, and whether mirror images are added.

import { make } from '../dom.js';
import { localized } from '../elements.js';
import { recall, remember } from '../settings.js';

/** @typedef {'head' | 'last-block'} Method */
/** @typedef {{ method: Method, augmentations: number }} Settings */

/**
 * The augmentations of each picture, if they are wanted: the mirror image alone.
 * docs/rationale.md says why more of them raise the loss again.
 */
const augmentationsEach = 1;

/**
 * The settings of the last training that was started. They are stored under the names of earlier versions.
 * @returns {Settings}
 */
export function rememberedSettings() {
  try {
    const { depth, copies } = JSON.parse(recall('training') ?? '');
    const hasCopies = Number.isInteger(copies) && copies > 0;
    return { method: depth === 'head' ? 'head' : 'last-block', augmentations: hasCopies ? augmentationsEach : 0 };
  } catch {
    return { method: 'last-block', augmentations: 0 };
  }
}

/** @param {Settings} settings */
export function rememberSettings({ method, augmentations }) {
  remember('training', JSON.stringify({ depth: method, copies: augmentations }));
}

/**
 * A radio button or a checkbox with its label and a hint.
 * @param {Partial<HTMLInputElement>} properties
 * @param {string} key
 */
function createChoice(properties, key) {
  const input = make('input');
  Object.assign(input, properties);
  const words = make('span', '', localized('b', key), ' ', localized('span', `${key}.hint`, 'hint'));
  return { input, label: make('label', 'teach-choice', input, words) };
}

/** @param {{ onChange: () => void }} handlers */
export function createTrainingSettings({ onChange }) {
  const methods = /** @type {Method[]} */ (['head', 'last-block']).map(method => {
    const properties = { type: 'radio', name: 'teach-depth', value: method, checked: method === 'head' };
    return { method, ...createChoice(properties, `teach.depth.${method}`) };
  });
  const mirror = createChoice({ type: 'checkbox' }, 'teach.copies');
  const element = make('fieldset', 'teach-choices',
    localized('legend', 'teach.depth'), ...methods.map(({ label }) => label), mirror.label);
  element.addEventListener('change', onChange);

  return {
    element,

    /** @returns {Settings} */
    get: () => ({
      method: methods.find(({ input }) => input.checked)?.method ?? 'head',
      augmentations: mirror.input.checked ? augmentationsEach : 0,
    }),

    /** @param {{ method: string, augmentations: number }} settings */
    set({ method: chosen, augmentations }) {
      for (const { method, input } of methods) input.checked = method === chosen;
      mirror.input.checked = augmentations > 0;
    },
  };
}
