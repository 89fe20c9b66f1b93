// The pictures to which a classifier that was fitted to them gives another answer than before: what came right, what
// went wrong.

import { make } from '../../dom.js';
import { button, localized, plainList, statusLine } from '../../elements.js';
import { decimal } from '../../format.js';
import { onLanguage, say, text } from '../../i18n.js';
import { row } from '../elements.js';

/** @typedef {import('../context.js').TeachContext} TeachContext */
/** @typedef {import('../context.js').Teacher} Teacher */
/** @typedef {import('../context.js').PictureRecord} PictureRecord */
/** @typedef {Awaited<ReturnType<Teacher['adapt']>>} Adapted */
/** @typedef {import('../../../zproto.js').AdaptMethod} AdaptMethod */
/**
 * still: wrong both times; unknown: nobody knows its class
 * @typedef {'right' | 'wrong' | 'still' | 'unknown'} Became
 */
/**
 * @typedef {{ id: string, name: string, label: number, before: number, after: number, became: Became }} Change
 *   label: the index of its class; -1: nobody knows it
 */

/** In the order in which they are shown. */
const kinds = /** @type {Became[]} */ (['right', 'wrong', 'still', 'unknown']);

/** How many pictures of a kind are shown at a time. */
const pageSize = 12;

/**
 * What a method answers otherwise than what was taught.
 * @param {Adapted} adapted
 * @param {AdaptMethod} method
 * @param {Map<string, { name: string, label: number }>} pictures
 * @returns {Change[]}
 */
function changesOf({ methods, target, judged }, method, pictures) {
  const [before, after] = ['none', method].map(name => methods.find(one => one.method === name)?.answers ?? []);
  return target.flatMap((id, i) => {
    if (before[i] === after[i]) return [];
    const { name = '', label = -1 } = pictures.get(id) ?? {};
    const became = label < 0 || judged === 0 ? 'unknown' : after[i] === label ? 'right'
      : before[i] === label ? 'wrong' : 'still';
    return { id, name, label, before: before[i], after: after[i], became };
  });
}

/** The pictures of a project by their ids. @param {Teacher} teacher */
function picturesOf({ classes, unlabelled }) {
  const named = (/** @type {PictureRecord} */ { id, name }, label = -1) =>
    /** @type {const} */ ([id, { name, label }]);
  return new Map([
    ...classes.flatMap(({ pictures }, label) => pictures.map(picture => named(picture, label))),
    ...unlabelled.map(picture => named(picture)),
  ]);
}

/**
 * The pictures of one kind under their heading, some of them at first.
 * @param {TeachContext} context
 * @param {Became} became
 * @param {Change[]} changes
 * @param {string[]} classes
 */
function group({ thumbnails }, became, changes, classes) {
  const list = plainList('ul', 'domains-changes');
  const more = button('teach.gallery.more', 'quiet', () => {
    const first = showMore();
    first.tabIndex = -1; // the button may be gone, and who reads goes on there
    first.focus({ preventScroll: true });
  });
  let next = 0;

  function showMore() {
    const items = changes.slice(next, next + pageSize).map(({ id, name, label, before, after }) => {
      const picture = make('span', 'thumb');
      if (name) Object.assign(picture, { role: 'img', ariaLabel: name, title: name });
      thumbnails.attach(picture, id);
      const key = became === 'still' ? 'domains.changed.answers.still' : 'domains.changed.answers';
      const values = { before: classes[before], after: classes[after], right: classes[label] ?? '' };
      return make('li', '', picture, localized('p', key, '', () => values));
    });
    next += items.length;
    list.append(...items);
    more.hidden = next >= changes.length;
    return items[0];
  }

  showMore();
  const values = { count: changes.length, shown: decimal(changes.length, 0) };
  return make('div', `domains-became ${became}`, localized('h6', `domains.changed.${became}`, '', () => values), list,
    row(more));
}

/** @param {TeachContext} context */
export function createChanged(context) {
  const select = make('select');
  const field = make('label', 'domains-field', localized('span', 'domains.changed.way'), select);
  const sentence = statusLine('prose');
  const groups = make('div', 'domains-kinds');
  const element = make('div', 'domains-changed', localized('h5', 'domains.changed.title'), field, sentence, groups);
  /** @type {{ adapted: Adapted, changes: Map<AdaptMethod, Change[]>, isUnfitted: boolean } | undefined} */
  let shown;

  const wordsOf = (/** @type {AdaptMethod} */ method) => text(`domains.method.${method}`) ?? method;

  function paintChoice() {
    if (!shown) return;
    const { value } = select;
    select.replaceChildren(...[...shown.changes.keys()].map(method => new Option(wordsOf(method), method)));
    select.value = value;
  }

  function paint() {
    if (!shown) return;
    const { adapted: { target, classes }, changes, isUnfitted } = shown;
    const method = /** @type {AdaptMethod} */ (select.value);
    const all = changes.get(method) ?? [];
    const key = all.length === 0 ? 'domains.changed.none' : 'domains.changed.some';
    say(sentence, isUnfitted ? `${key}.unfitted` : key, () =>
      ({ way: wordsOf(method), count: all.length, shown: decimal(all.length, 0), n: decimal(target.length, 0) }));
    groups.replaceChildren(...kinds.flatMap(became => {
      const some = all.filter(change => change.became === became);
      return some.length > 0 ? group(context, became, some, classes) : [];
    }));
  }

  /** @param {AdaptMethod} method */
  function choose(method) {
    if (!shown?.changes.has(method) || select.value === method) return;
    select.value = method;
    paint();
  }

  select.addEventListener('change', paint);
  onLanguage(paintChoice);

  return {
    element,
    choose,

    /**
     * @param {Teacher} teacher
     * @param {Adapted} adapted
     * @param {boolean} isUnfitted  whether the answers are compared with those of a classifier that nobody has in use
     */
    show(teacher, adapted, isUnfitted) {
      const pictures = picturesOf(teacher);
      const methods = adapted.methods.map(({ method }) => method).filter(method => method !== 'none');
      const changes = new Map(methods.map(method => [method, changesOf(adapted, method, pictures)]));
      shown = { adapted, changes, isUnfitted };
      paintChoice();
      select.value = adapted.chosen === 'none' ? methods[0] ?? '' : adapted.chosen;
      paint();
    },
  };
}
