// The sample photos. Their files stay in memory, so that a click needs no connection.

import { siteFolder } from '../../common/site.js';
import { find, make } from '../dom.js';
import { say, setText } from '../i18n.js';
import { wordsOf } from '../photoname.js';
import { thumbnail } from '../thumbnail.js';

/** @typedef {import('../photos.js').Photo} Photo */
/** @typedef {import('../photos.js').Sample & { file: string, width: number, height: number }} Listed */

/**
 * @param {string} file
 * @returns {Promise<Response>}
 */
async function fetchSample(file) {
  // The model's files are more important.
  const answer = await fetch(new URL(`samples/${file}`, siteFolder), { priority: 'low' });
  if (!answer.ok) throw new Error(`${file}: ${answer.status}`);
  return answer;
}

/**
 * @param {{ onPick: (photo: Photo) => void, onFirst: (photo: Photo) => void, wait: boolean }} options
 *   onFirst: the first sample is here; wait: whether to fetch nothing until a person asks for it
 */
export function createGallery({ onPick, onFirst, wait }) {
  const section = find('#samples', HTMLElement);
  const list = find('ul', HTMLUListElement, section);
  const offer = find('.samples-offer', HTMLElement, section);
  const offerText = find('span', HTMLElement, offer);
  const offerButton = find('button', HTMLButtonElement, offer);

  /**
   * Adds a card for a sample, which can be clicked as soon as its photo is here.
   * @param {Listed} sample
   * @param {number} i
   */
  const card = async (sample, i) => {
    const picture = make('span', 'thumb');
    const button = make('button', 'card', picture);
    button.type = 'button';
    button.disabled = true;
    setText(button, () => wordsOf(sample).title, 'title');
    say(button, 'samples.entry', () => ({ title: wordsOf(sample).title }), 'aria-label');
    list.append(make('li', '', button));
    const blob = await (await fetchSample(sample.file)).blob();
    const photo = { key: `sample:${sample.file}`, name: sample.file, blob, sample };
    if (i === 0 && !wait) onFirst(photo);
    picture.replaceChildren(await thumbnail(blob));
    button.disabled = false;
    button.addEventListener('click', () => onPick(photo));
  };

  const load = async () => {
    offer.hidden = true;
    list.replaceChildren();
    try {
      /** @type {Listed[]} */
      const samples = await (await fetchSample('samples.json')).json();
      await Promise.all(samples.map(card));
    } catch {
      propose('samples.failed', 'samples.retry');
    }
  };

  /**
   * @param {string} why
   * @param {string} action
   */
  const propose = (why, action) => {
    say(offerText, why);
    say(offerButton, action);
    offer.hidden = false;
  };

  offerButton.addEventListener('click', () => void load());
  if (wait) propose('samples.waiting', 'samples.show');
  else void load();
}
