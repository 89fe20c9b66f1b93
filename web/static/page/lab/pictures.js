// The choice of pictures, with a few of them to see.

import { make } from '../dom.js';
import { alertLine, localized } from '../elements.js';
import { decimal, share } from '../format.js';
import { setText } from '../i18n.js';
import { sayFault } from './faults.js';
import { segmented, selectField, sliderField } from './fields.js';
import { dataChoices, dataNamed, domains, tasks } from './settings.js';

/** @typedef {import('./types.js').DataSettings} DataSettings */
/** @typedef {import('./types.js').Samples} Samples */

/** So many pictures are shown. */
export const sampleCount = 12;

const difficulties = Array.from({ length: 21 }, (_, i) => i / 20);

/** @param {Samples} samples */
function pictureElements({ pictures, labels, classes }) {
  return pictures.map((picture, i) => {
    const canvas = make('canvas');
    canvas.width = picture.width;
    canvas.height = picture.height;
    canvas.getContext('2d')?.putImageData(picture, 0, 0);
    canvas.setAttribute('aria-hidden', 'true');
    return make('li', '', canvas, make('span', '', classes[labels[i]] ?? ''));
  });
}

/** @param {{ onChange: (data: DataSettings) => void }} handlers */
export function createPictures({ onChange }) {
  /** @type {DataSettings} */ let data;
  const change = (/** @type {Partial<DataSettings>} */ part) => onChange({ ...data, ...part });
  const names = segmented('skiplab.data.name', dataChoices.name, name => `skiplab.data.${name}`,
    name => onChange(dataNamed(data, name)));
  const strip = make('ul', 'skiplab-samples');
  strip.setAttribute('role', 'list');
  const fault = alertLine();
  const count = (/** @type {number} */ value) => () => decimal(value, 0);
  const fields = {
    task: selectField('skiplab.data.task', /** @type {readonly string[]} */ ([]), task => `skiplab.task.${task}`,
      task => change({ task })),
    domain: selectField('skiplab.data.domain', /** @type {readonly string[]} */ ([]),
      domain => `skiplab.domain.${domain || 'all'}`, domain => change({ domain })),
    difficulty: sliderField('skiplab.data.difficulty', difficulties, share, difficulty => change({ difficulty })),
    train: selectField('skiplab.data.train', dataChoices.train, count, train => change({ train })),
    held: selectField('skiplab.data.held', dataChoices.held, count, held => change({ held })),
    size: selectField('skiplab.data.size', dataChoices.size, value => () => `${value} × ${value}`,
      size => change({ size })),
  };
  const title = localized('h3', 'skiplab.data.title');
  title.id = 'skip-lab-data';
  const element = make('section', 'skiplab-part', title, names.element, strip, fault,
    make('div', 'skiplab-fields', ...Object.values(fields).map(field => field.element)));
  element.setAttribute('aria-labelledby', title.id);

  return {
    element,
    /** @param {DataSettings} next */
    show(next) {
      data = next;
      names.set(data.name);
      fields.task.setValues(tasks[data.name]);
      fields.domain.setValues(domains[data.name]);
      fields.task.element.hidden = tasks[data.name].length === 0;
      fields.domain.element.hidden = domains[data.name].length === 0;
      fields.difficulty.element.hidden = data.name !== 'shapes';
      for (const [key, field] of Object.entries(fields)) {
        field.set(/** @type {never} */ (data[/** @type {keyof DataSettings} */ (key)]));
      }
    },
    /** @param {Samples} samples */
    showSamples(samples) {
      setText(fault);
      strip.replaceChildren(...pictureElements(samples));
    },
    /** @param {unknown} error */
    fail(error) {
      strip.replaceChildren();
      sayFault(fault, error);
    },
  };
}
