// Lists at the foot of the page what does not work in this browser, once, instead of with each thing that fails.

import { find, make } from './dom.js';
import { say } from './i18n.js';
import { isInsecure, missingFeatures, onBroken } from '../common/platform.js';

/** @param {string} key @param {import('./i18n.js').Values} [values] */
function paragraph(key, values) {
  const words = make('p');
  say(words, key, values);
  return words;
}

export function showMissingFeatures() {
  const list = find('#lacks', HTMLElement);
  const address = `http://127.0.0.1${location.port && `:${location.port}`}/`;
  const show = () => {
    // Over plain HTTP many features are missing for one reason. One sentence says so, and what to do about it.
    const missing = missingFeatures().filter(({ secureOnly }) => !(isInsecure() && secureOnly));
    const effects = missing.map(({ effect }) => effect).filter(effect => effect !== '');
    const lines = effects.map(effect => paragraph(`lacks.${effect}`));
    if (isInsecure()) lines.unshift(paragraph('lacks.http', { address }));
    list.replaceChildren(...lines);
    if (missing.length > 0) console.info(`This browser lacks ${missing.map(({ api }) => api).join(', ')}.`);
  };
  onBroken(show);
  show();
}
