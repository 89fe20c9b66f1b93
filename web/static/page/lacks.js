// What a person misses in this browser, at the foot of the page: once, and not with each thing that does not work.

import { find, make } from './dom.js';
import { say } from './i18n.js';
import { isInsecure, missingFeatures, onBroken } from '../common/platform.js';

/** @param {string} key @param {import('./i18n.js').Values} [values] */
function line(key, values) {
  const words = make('p');
  say(words, key, values);
  return words;
}

export function showLacks() {
  const place = find('#lacks', HTMLElement);
  // One sentence says all that plain http costs, and the cure.
  const address = `http://127.0.0.1${location.port && `:${location.port}`}/`;
  const show = () => {
    const missing = missingFeatures().filter(({ secureOnly }) => !(isInsecure() && secureOnly));
    const effects = missing.map(({ effect }) => effect).filter(effect => effect !== '');
    const lines = effects.map(effect => line(`lacks.${effect}`));
    if (isInsecure()) lines.unshift(line('lacks.http', { address }));
    place.replaceChildren(...lines);
    if (missing.length > 0) console.info(`This browser lacks ${missing.map(({ api }) => api).join(', ')}.`);
  };
  onBroken(show);
  show();
}
