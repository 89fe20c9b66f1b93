// The settings of a training: which layers learn, from which blocks, and whether mirror images are added.

import { make } from '../dom.js';
import { button, localized } from '../elements.js';
import { say } from '../i18n.js';
import { recall, remember } from '../settings.js';

/** @typedef {'head' | 'last-block'} Method */
/**
 * blocks: whose means the last layer learns from; none: the last block's. depth: how many of the last blocks learn.
 * @typedef {{ method: Method, augmentations: number, blocks: number[], depth: number }} Settings
 */

/** How many of the last blocks can learn. */
const depths = [1, 2, 3];

/**
 * The augmentations of each picture, if they are wanted: the mirror image alone.
 * docs/rationale-teaching.md says why more of them raise the loss again.
 */
const augmentationsEach = 1;

/**
 * The settings of the last training that was started. They are stored under the names of earlier versions.
 * @returns {Settings}
 */
export function rememberedSettings() {
  try {
    const { depth, copies, deep = 1 } = JSON.parse(recall('training') ?? '');
    const hasCopies = Number.isInteger(copies) && copies > 0;
    return {
      method: depth === 'head' ? 'head' : 'last-block', augmentations: hasCopies ? augmentationsEach : 0, blocks: [],
      depth: depths.includes(deep) ? deep : 1,
    };
  } catch {
    return { method: 'last-block', augmentations: 0, blocks: [], depth: 1 };
  }
}

/** @param {Settings} settings */
export function rememberSettings({ method, augmentations, depth }) {
  remember('training', JSON.stringify({ depth: method, copies: augmentations, deep: depth }));
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

/**
 * The line that names the blocks that are taught from, if they are not the last one, and takes that back.
 * @param {{ onChange: () => void }} handlers
 */
function createFrom({ onChange }) {
  const words = make('span');
  const element = make('p', 'teach-from hint', words, ' ', button('teach.from.last', 'quiet', () => {
    set([]);
    onChange();
  }));
  /** @type {number[]} */
  let blocks = [];

  /** @param {number[]} next @param {() => string} [names]  of the blocks */
  function set(next, names = () => '') {
    blocks = next;
    element.hidden = next.length === 0;
    say(words, 'teach.from', () => ({ blocks: names() }));
  }

  set([]);
  return { element, set, get: () => blocks };
}

/** @param {{ onChange: () => void }} handlers */
export function createTrainingSettings({ onChange }) {
  const methods = /** @type {Method[]} */ (['head', 'last-block']).map(method => {
    const properties = { type: 'radio', name: 'teach-depth', value: method, checked: method === 'head' };
    return { method, ...createChoice(properties, `teach.depth.${method}`) };
  });
  const mirror = createChoice({ type: 'checkbox' }, 'teach.copies');
  const from = createFrom({ onChange });
  const depth = make('select');
  depth.append(...depths.map(count => {
    const option = localized('option', `teach.deep.${count}`);
    option.value = String(count);
    return option;
  }));
  const deep = make('label', 'domains-field', localized('span', 'teach.deep'), depth);
  const element = make('fieldset', 'teach-choices',
    localized('legend', 'teach.depth'), ...methods.map(({ label }) => label), mirror.label, from.element, deep);
  const method = () => methods.find(({ input }) => input.checked)?.method ?? 'head';

  function show() {
    deep.hidden = method() !== 'last-block';
    // The last block learns from what it gets; other blocks can only be taught from as they are.
    if (method() === 'last-block') from.set([]);
  }

  element.addEventListener('change', () => {
    show();
    onChange();
  });
  show();

  return {
    element,

    /** @returns {Settings} */
    get: () => ({
      method: method(), augmentations: mirror.input.checked ? augmentationsEach : 0, blocks: from.get(),
      depth: method() === 'last-block' ? Number(depth.value) : 1,
    }),

    /**
     * @param {{ method: string, augmentations: number, blocks?: number[], depth?: number }} settings
     * @param {() => string} [names]  of the blocks
     */
    set({ method: chosen, augmentations, blocks = [], depth: count = 1 }, names) {
      for (const { method, input } of methods) input.checked = method === chosen;
      mirror.input.checked = augmentations > 0;
      depth.value = String(count);
      from.set(blocks, names);
      show();
    },
  };
}
