// The buttons for a person who is asked which model to download.

import { find, make } from '../dom.js';
import { megabytes } from '../format.js';
import { say } from '../i18n.js';
import { Residua } from '../../residua.js';

/** @param {{ onChoose: (model: string) => void }} handlers */
export function createOffers({ onChoose }) {
  const list = find('#model-offers', HTMLElement);
  // The smallest comes first: those who are asked care about the size.
  const models = [...Residua.shipped].sort((a, b) => a.bytes - b.bytes);
  list.replaceChildren(...models.map(({ name, title, bytes }, i) => {
    const choose = make('button', i === 0 ? 'main' : 'plain');
    choose.type = 'button';
    say(choose, 'models.offer', () => ({ title, size: megabytes(bytes) }));
    choose.addEventListener('click', () => onChoose(name));
    const words = make('p', 'hint');
    say(words, i === 0 ? 'models.offer.small' : 'models.offer.whole');
    return make('li', '', choose, words);
  }));

  return {
    show() {
      list.hidden = false;
    },
    hide() {
      list.hidden = true;
    },
  };
}
