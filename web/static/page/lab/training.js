// The settings of the training, which all networks share.

import { make } from '../dom.js';
import { glossary, localized } from '../elements.js';
import { decimal, significant } from '../format.js';
import { text } from '../i18n.js';
import { numberField, selectField, switchField } from './fields.js';
import { augmentChoices, choices, maxSeed } from './settings.js';

/** @typedef {import('./types.js').Settings} Settings */
/** @typedef {keyof typeof choices} Choice */

/** The settings of which 0 means that there is none. */
const offAtZero = new Set(['warmup', 'clip', 'smoothing', 'weightDecay', 'momentum', 'shift', 'cut']);

/** The settings in the keys of words. @type {Partial<Record<string, string>>} */
const words = { weightDecay: 'weight-decay' };

/** @param {{ onChange: (change: Partial<Settings>) => void }} handlers */
export function createTraining({ onChange }) {
  /** @type {Settings} */ let settings;
  const write = (/** @type {string} */ name) => (/** @type {any} */ value) => {
    if (name === 'optimizer') return `skiplab.optimizer.${value}`;
    if (name === 'schedule') return `skiplab.schedule.${value}`;
    if (value === 0 && offAtZero.has(name)) return 'skiplab.off';
    return () => (value < 1 && value > 0 ? significant(value, 1) : decimal(value, 0));
  };
  /** @param {Choice} name */
  const field = name => selectField(`skiplab.training.${words[name] ?? name}`,
    /** @type {readonly any[]} */ (choices[name]), write(name), value => onChange({ [name]: value }));
  const fields = Object.fromEntries(Object.keys(choices).map(name => [name, field(/** @type {Choice} */ (name))]));
  const augment = (/** @type {object} */ change) => onChange({ augment: { ...settings.augment, ...change } });
  const augmentFields = {
    mirror: switchField('skiplab.training.mirror', mirror => augment({ mirror })),
    shift: selectField('skiplab.training.shift', augmentChoices.shift, pixels('shift'), shift => augment({ shift })),
    cut: selectField('skiplab.training.cut', augmentChoices.cut, pixels('cut'), cut => augment({ cut })),
  };
  const nesterov = switchField('skiplab.training.nesterov', on => onChange({ nesterov: on }));
  const seed = numberField('skiplab.training.seed', { min: 1, max: maxSeed }, value => onChange({ seed: value }));

  const often = ['steps', 'rate', 'batch', 'optimizer'];
  const rare = Object.keys(choices).filter(name => !often.includes(name));
  const title = localized('h3', 'skiplab.training.title');
  title.id = 'skip-lab-training';
  const group = (/** @type {string} */ key, /** @type {HTMLElement[]} */ ...elements) =>
    make('div', 'skiplab-group', localized('h4', key), make('div', 'skiplab-fields', ...elements));
  const more = make('details', 'skiplab-more', localized('summary', 'skiplab.training.more'),
    make('div', 'skiplab-fields', ...rare.map(name => fields[name].element), seed.element, nesterov.element),
    group('skiplab.training.augment', augmentFields.shift.element, augmentFields.cut.element,
      augmentFields.mirror.element));
  const element = make('section', 'skiplab-part', title,
    make('div', 'skiplab-fields', ...often.map(name => fields[name].element)), more,
    glossary([...often, ...rare, 'nesterov', 'seed'].map(name => `skiplab.training.${words[name] ?? name}`)));
  element.setAttribute('aria-labelledby', title.id);

  /** @param {string} name */
  function pixels(name) {
    return (/** @type {number} */ value) =>
      (value === 0 && offAtZero.has(name) ? 'skiplab.off' : () => text('skiplab.pixels', { count: value }) ?? '');
  }

  return {
    element,
    /** @param {Settings} next */
    show(next) {
      settings = next;
      for (const [name, one] of Object.entries(fields)) one.set(settings[/** @type {Choice} */ (name)]);
      for (const [name, one] of Object.entries(augmentFields)) {
        one.set(/** @type {never} */ (settings.augment[/** @type {'mirror'} */ (name)]));
      }
      nesterov.set(settings.nesterov);
      nesterov.element.hidden = fields.momentum.element.hidden = settings.optimizer !== 'sgd';
      seed.set(settings.seed);
    },
  };
}
