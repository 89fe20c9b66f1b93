// What a run shows: the curves, the numbers of each network, and in words what was seen.

import { make } from '../dom.js';
import { glossary, localized } from '../elements.js';
import { decimal, share, significant } from '../format.js';
import { say, setText } from '../i18n.js';
import { createCurves } from './curves.js';
import { mark } from './glyph.js';
import { finals } from './record.js';
import { conclusionOf, networksSeen } from './seen.js';
import { endsOf, gapVerdict } from './verdicts.js';
import { nameText, sayVerdict } from './words.js';

/** @typedef {import('./record.js').RunRecord} RunRecord */
/** @typedef {import('./names.js').Part} Part */

/** Numbers that change faster cannot be read, in milliseconds. */
const numbersEveryMs = 250;

const columns = ['network', 'loss', 'learnt', 'held', 'first', 'last'];

/** The present numbers of each network. */
function createNumbers() {
  const body = make('tbody');
  const head = make('tr', '', ...columns.map(name => {
    const cell = localized('th', `skiplab.numbers.${name}`);
    cell.scope = 'col';
    say(cell, `skiplab.numbers.${name}.text`, {}, 'title');
    return cell;
  }));
  const table = make('table', 'skiplab-table skiplab-numbers', make('thead', '', head), body);
  const caption = localized('caption', 'skiplab.numbers.title', 'spoken');
  table.prepend(caption);
  const element = make('div', 'scroll', table);
  element.tabIndex = 0;
  element.role = 'region';
  say(element, 'skiplab.numbers.title', {}, 'aria-label');

  return {
    element,
    /** @param {RunRecord} record @param {Part[][]} names */
    show(record, names) {
      const last = record.norms.at(-1);
      body.replaceChildren(...finals(record).map(({ loss, learnt, held, divergedAt }, i) => {
        const gradients = last?.networks[i]?.weightGradients;
        const ends = gradients ? endsOf(record.started.networks[i].layers, gradients) : { first: NaN, last: NaN };
        const shareOf = (/** @type {import('./types.js').Score | undefined} */ score) =>
          (score ? share(score.accuracy) : '–');
        const cells = divergedAt > 0 ? ['✕', '–', '–', '–', '–'] : [
          Number.isNaN(loss) ? '–' : decimal(loss, 2), shareOf(learnt), shareOf(held),
          significant(ends.first, 2), significant(ends.last, 2),
        ];
        const name = make('th', '', mark(i), make('span', '', nameText(names[i])));
        name.scope = 'row';
        return make('tr', '', name, ...cells.map(words => make('td', '', words)));
      }));
    },
  };
}

/** What was seen, and what to look at next. */
function createSeen() {
  const title = make('h3');
  const conclusion = make('p', 'skiplab-conclusion');
  const list = make('ul', 'skiplab-said');
  list.setAttribute('role', 'list');
  const element = make('div', 'skiplab-seen', title, conclusion, list);
  say(title, 'skiplab.seen.title');

  return {
    element,
    /** @param {RunRecord} record @param {Part[][]} names */
    show(record, names) {
      const isDone = record.done;
      element.hidden = !isDone && record.networks.every(({ divergedAt }) => divergedAt === 0);
      if (element.hidden) return;
      title.hidden = conclusion.hidden = !isDone;
      if (isDone) sayVerdict(conclusion, conclusionOf(record), names);
      const all = finals(record);
      list.replaceChildren(...networksSeen(record).flatMap((verdicts, i) => {
        const { learnt, held, divergedAt } = all[i];
        // Before the end only a network that broke off is worth a word.
        if (!isDone && divergedAt === 0) return [];
        const gap = learnt && divergedAt === 0 && isDone ? gapVerdict(learnt, held) : undefined;
        const name = make('b');
        setText(name, () => nameText(names[i]));
        const sentences = [...verdicts, ...(gap ? [gap] : [])].flatMap(verdict => {
          const sentence = make('span', verdict === gap ? 'skiplab-gap' : '');
          sayVerdict(sentence, verdict, names);
          return [' ', sentence];
        });
        return [make('li', '', mark(i), make('p', '', name, ...sentences))];
      }));
    },
  };
}

export function createResults() {
  const curves = createCurves();
  const numbers = createNumbers();
  const seen = createSeen();
  const title = localized('h3', 'skiplab.results.title');
  title.id = 'skip-lab-results';
  const empty = localized('p', 'skiplab.results.empty', 'hint');
  const body = make('div', 'skiplab-results', seen.element, curves.element, numbers.element,
    glossary(columns.map(name => `skiplab.numbers.${name}`)));
  const element = make('section', 'skiplab-part', title, empty, body);
  element.setAttribute('aria-labelledby', title.id);
  /** @type {ReturnType<typeof setTimeout> | undefined} */ let timer;

  return {
    element,
    /** @param {RunRecord | undefined} record @param {Part[][]} names */
    show(record, names) {
      clearTimeout(timer);
      timer = undefined;
      const hasSteps = !!record && record.step > 0;
      empty.hidden = hasSteps;
      body.hidden = !hasSteps;
      if (!record || !hasSteps) return curves.clear();
      curves.show(record, names);
      numbers.show(record, names);
      seen.show(record, names);
    },
    /** A step was added. @param {RunRecord} record @param {Part[][]} names */
    grow(record, names) {
      if (record.step === 1 || body.hidden) return this.show(record, names);
      curves.grow();
      timer ??= setTimeout(() => {
        timer = undefined;
        numbers.show(record, names);
        seen.show(record, names);
      }, numbersEveryMs);
    },
  };
}
