// What is said of a picture that is unlike all that was taught, and how it can be added to a class.

import { make } from '../dom.js';
import { button, localized, statusLine } from '../elements.js';
import { percent } from '../format.js';
import { say, text } from '../i18n.js';
import { row } from './elements.js';

/** @typedef {Awaited<ReturnType<import('./context.js').Teacher['predict']>>} Prediction */
/** A picture that was tried. @typedef {{ blob: Blob, name: string }} Tried */

/**
 * What a picture's answer is worth, if the picture is unlike all that was taught.
 * @param {Prediction} prediction
 * @param {{ imported?: boolean, add?: Element | null }} options  imported: it was taught elsewhere, so that nobody here
 *   has shown it pictures; add: a way to add the picture
 * @returns {HTMLElement | null} null: there is nothing to say
 */
export function unlikeNote({ none, unlike, predictions: [best] }, { imported = false, add = null }) {
  if (!unlike) return null;
  const element = make('div', 'teach-unlike');
  if (none) {
    const choice = make('p');
    say(choice, 'teach.unlike.choose', () => ({ label: best.label, probability: percent(best.probability) }));
    element.append(localized('p', imported ? 'teach.unlike.foreign' : 'teach.unlike.none', 'label'), choice);
  } else element.append(localized('p', imported ? 'teach.unlike.sure.foreign' : 'teach.unlike.sure'));
  if (none && (add || !imported)) element.append(localized('p', 'teach.unlike.why'));
  if (add) element.append(add);
  return element;
}

/** What is said of a frame, in the same room whether it is said or not. @param {boolean} none */
export function liveNote(none) {
  const note = localized('p', 'teach.unlike.foreign', 'teach-unlike');
  note.dataset.none = String(none);
  return note;
}

/**
 * Lets a person add a picture that was tried to one of their classes.
 * @param {import('./context.js').TeachContext} context
 * @param {import('./additions.js').Additions} additions
 * @param {Tried} tried
 * @param {string} likely  the name of the class that is chosen at first
 * @returns {HTMLElement | null} null: nothing can be added now
 */
export function createAdder(context, additions, { blob, name }, likely) {
  const { teacher, readOnly } = context;
  if (!teacher || readOnly || teacher.classes.length === 0) return null;
  const choice = make('select', '', ...teacher.classes.map(one => {
    const option = make('option', '', one.name);
    option.value = one.id;
    option.selected = one.name === likely;
    return option;
  }));
  const done = statusLine();
  done.tabIndex = -1;
  const add = button('teach.unlike.add', 'plain', async () => {
    const [{ label }] = choice.selectedOptions;
    add.disabled = choice.disabled = true;
    let isStored = false;
    const picture = { blob, name: name || (text('photo.pasted') ?? '') };
    await additions.add(choice.value, [picture], { onStored: () => { isStored = true; } });
    add.disabled = choice.disabled = isStored; // what went wrong is among the room's messages
    if (!isStored) return;
    say(done, 'teach.unlike.added', { class: label });
    form.replaceChildren(done);
    done.focus();
  });
  const form = row(make('label', '', localized('span', 'teach.unlike.class'), ' ', choice), add);
  return make('div', '', form);
}
