// How often the answers are right, where the folders' names say what is right; and what is taken for what.

import { classNameOf } from '../../classname.js';
import { make } from '../../dom.js';
import { button, glossary, localized, plainList } from '../../elements.js';
import { decimal, listOf, share } from '../../format.js';
import { say } from '../../i18n.js';
import { isCompared } from './truth.js';

/** @typedef {import('./score.js').Rate} Rate */
/** @typedef {import('./score.js').Confusion} Confusion */
/** @typedef {import('./truth.js').Truth} Truth */
/** @typedef {import('../../../residua.js').Info} Info */

/** How many confusions are listed. */
const maxConfusions = 100;
/** How many names a sentence lists. */
const maxNames = 5;

/** @param {'top1' | 'top5'} name */
function figure(name) {
  const value = make('b');
  const words = make('span');
  const head = localized('span', `bulk.${name}`);
  say(head, `bulk.${name}.term`, {}, 'title');
  say(value, `bulk.${name}.term.text`, {}, 'title');
  return {
    element: make('p', 'bulk-figure', head, value, words),
    /** @param {Rate} rate */
    show({ k, n, low, high }) {
      say(value, n === 0 ? 'bulk.rate.none' : 'bulk.rate', () => ({ share: share(k / n) }));
      say(words, n === 0 ? 'bulk.rate.wait' : 'bulk.rate.of', () => ({
        k: decimal(k, 0), n: decimal(n, 0), low: share(low), high: share(high),
      }));
      say(words, 'bulk.rate.interval', {}, 'title');
    },
  };
}

/** @param {Truth['others']} others */
const namesOf = others =>
  listOf([...new Set(others.map(({ name }) => name))].slice(0, maxNames)
    .concat(others.length > maxNames ? ['…'] : []));

/**
 * @param {object} handlers
 * @param {(confusion: Confusion) => void} handlers.onPick
 * @param {(use: boolean) => void} handlers.onUse  Whether the folders' names are right answers.
 */
export function createScoreView({ onPick, onUse }) {
  const top1 = figure('top1');
  const top5 = figure('top5');
  const figures = make('div', 'bulk-figures', top1.element, top5.element);
  const terms = glossary(['bulk.top1.term', 'bulk.top5.term', 'bulk.rate.word']);
  const how = make('p', 'hint');
  const others = make('p', 'hint');
  const off = button('bulk.truth.off', 'quiet', () => onUse(false));
  const on = button('bulk.truth.on', 'quiet', () => onUse(true));
  const element = make('div', 'bulk-score', figures, terms, how, others, off, on);
  const list = plainList('ul', 'bulk-confusions-list');
  const confusions = make('section', 'bulk-confusions', localized('h3', 'bulk.confusions'), list);
  say(confusions, 'bulk.confusions', {}, 'aria-label');
  element.hidden = confusions.hidden = true;
  let listed = '';

  /** @param {Confusion} confusion @param {Info} info */
  function item(confusion, info) {
    const entry = button('bulk.confusion', 'quiet', () => onPick(confusion), () => ({
      truth: classNameOf(info, confusion.truth),
      guess: classNameOf(info, confusion.guess),
      count: confusion.count,
      times: decimal(confusion.count, 0),
    }));
    return make('li', '', entry);
  }

  return {
    element,
    confusions,

    /**
     * @param {Truth | undefined} truth  undefined: there are no folders that could say what is right
     * @param {boolean} isUsed
     */
    explain(truth, isUsed) {
      const hasFigures = isCompared(truth, isUsed);
      element.hidden = !truth;
      figures.hidden = terms.hidden = off.hidden = !hasFigures;
      confusions.hidden = !hasFigures;
      on.hidden = !truth || truth.matched === 0 || isUsed;
      others.hidden = how.hidden = true;
      if (!truth) return;
      how.hidden = false;
      const counts = () => ({
        count: truth.folders, matched: decimal(truth.matched, 0), folders: decimal(truth.folders, 0),
      });
      if (truth.matched === 0) return say(how, 'bulk.truth.none', () => ({ names: namesOf(truth.others) }));
      if (!isUsed) return say(how, 'bulk.truth.unused');
      say(how, truth.byNumber ? 'bulk.truth.numbers' : 'bulk.truth', counts);
      const pictures = truth.others.reduce((sum, { count }) => sum + count, 0);
      const several = truth.others.filter(({ why }) => why === 'ambiguous');
      others.hidden = pictures === 0;
      say(others, several.length > 0 ? 'bulk.truth.ambiguous' : 'bulk.truth.others', () => ({
        count: pictures, pictures: decimal(pictures, 0), names: namesOf(truth.others), several: namesOf(several),
      }));
    },

    /**
     * @param {{ top1: Rate, top5: Rate, confusions: Confusion[] }} score
     * @param {Info} info
     */
    show(score, info) {
      top1.show(score.top1);
      top5.show(score.top5);
      top5.element.hidden = info.labels.length <= 5;
      const first = score.confusions.slice(0, maxConfusions);
      const key = JSON.stringify([first, info.labels]);
      if (key === listed || list.contains(document.activeElement)) return; // the focus stays where it is
      listed = key;
      list.replaceChildren(...first.length > 0 ? first.map(one => item(one, info))
        : [localized('li', score.top1.n > 0 ? 'bulk.confusions.none' : 'bulk.confusions.wait', 'hint')]);
    },
  };
}
