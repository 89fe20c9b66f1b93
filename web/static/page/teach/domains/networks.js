// Which network, and which depth? A score of every network on this device, without training (LogME).

import { Residua } from '../../../residua.js';
import { make } from '../../dom.js';
import { button, columnHead, localized } from '../../elements.js';
import { decimal } from '../../format.js';
import { say } from '../../i18n.js';
import { sayError } from '../../notices.js';
import { row, scroller } from '../elements.js';
import { tooFewPictures } from '../trainingobstacle.js';
import { blockLabel } from './names.js';
import { createPanel } from './panel.js';

/** @typedef {import('../context.js').Teacher} Teacher */
/** @typedef {import('../../../residua.js').Residua} Net */
/** @typedef {import('../../../zproto.js').Block} Block */
/** @typedef {{ name: string, title: string, blocks: readonly Block[], scores: number[], best: number }} Ranked */
/** @typedef {{ title: string, error: unknown }} Failed */

/** What a mouse finds at the heads of the columns. @type {Record<string, string>} */
const about = { block: 'domains.term.block.text', score: 'domains.term.logme.text', last: 'domains.term.logme.text' };

/** The most pictures that a network looks at: more change the score little, and each takes a pass. */
const maxPictures = 120;

/**
 * Some of the pictures that are learnt from, the same number of each class as far as there are so many. They are taken
 * from all over the class, as frames of a recording that follow each other are nearly the same.
 * @param {Teacher} teacher
 */
function samplesOf({ classes }) {
  const each = Math.max(2, Math.floor(maxPictures / Math.max(classes.length, 1)));
  return classes.flatMap(({ name, pictures }) => {
    const learnt = pictures.filter(({ test }) => !test);
    const count = Math.min(each, learnt.length);
    return Array.from({ length: count }, (_, i) => ({ name, id: learnt[Math.floor(i * learnt.length / count)].id }));
  });
}

/**
 * The scores of another network, which is loaded for it and closed again.
 * @param {string} model
 * @param {Teacher} teacher  has the pictures
 * @param {ReturnType<typeof samplesOf>} samples
 * @param {{ signal: AbortSignal, onPicture: () => void }} options
 * @returns {Promise<{ blocks: readonly Block[], scores: number[], best: number }>}
 */
async function rankBy(model, teacher, samples, { signal, onPicture }) {
  const net = await Residua.load({ model, signal });
  const close = () => net.close();
  signal.addEventListener('abort', close);
  try {
    const other = net.teach();
    for (const { name } of teacher.classes) await other.addClass(name);
    for (const { name, id } of samples) {
      await other.add(name, await teacher.blob(id));
      signal.throwIfAborted();
      onPicture();
    }
    return { blocks: other.blocks, ...await other.rank({ signal }) };
  } finally {
    signal.removeEventListener('abort', close);
    close();
  }
}

/** @param {Ranked} ranked @param {boolean} isBest */
function tableRow({ title, blocks, scores, best }, isBest) {
  const name = make('th', '', title);
  name.scope = 'row';
  if (isBest) name.append(' ', localized('span', 'domains.networks.best', 'domains-mark'));
  const cell = (/** @type {() => string} */ number) =>
    localized('td', 'domains.number', '', () => ({ number: number() }));
  return make('tr', '', name, cell(() => blockLabel(blocks, best)), cell(() => decimal(scores[best], 3)),
    cell(() => decimal(scores[scores.length - 1], 3)));
}

/** A row of a network that could not be scored. @param {Failed} failed */
function failedRow({ title, error }) {
  const name = make('th', '', title);
  name.scope = 'row';
  const why = make('td', 'domains-why');
  why.colSpan = 3;
  sayError(why, error);
  return make('tr', '', name, why);
}

/**
 * @param {import('../context.js').TeachContext} context
 * @param {{ onTeach: (blocks: number[]) => void, onNetwork: (name: string) => void }} handlers
 *   onTeach: these blocks shall be taught from; onNetwork: this other network shall be taught
 */
export function createNetworks(context, { onTeach, onNetwork }) {
  const rows = make('tbody');
  const head = make('tr', '', ...['name', 'block', 'score', 'last']
    .map(name => columnHead(`domains.networks.${name}`, about[name])));
  const verdict = make('p', 'teach-verdict');
  const detail = localized('p', 'domains.networks.detail', 'prose');
  /** What suits best. @type {Ranked | undefined} */ let best;
  const teach = button('domains.networks.teach', 'plain', () => {
    if (best && best.name === context.teacher?.model) onTeach([best.best]);
    else if (best) onNetwork(best.name);
  });
  const next = row(teach);
  const result = make('div', 'domains-result', verdict, detail, next,
    scroller(make('table', 'teach-methods', make('thead', '', head), rows)));

  /** Offers to teach with what suits best, unless a training would do so anyway. @param {Ranked} first */
  function offer(first) {
    best = first;
    const { name, title, blocks } = first;
    const isOther = name !== context.teacher?.model;
    next.hidden = !isOther && first.best === blocks.length - 1;
    say(teach, isOther ? 'domains.networks.use' : 'domains.networks.teach', () =>
      ({ title, block: blockLabel(blocks, first.best) }));
    showTeach();
  }

  const showTeach = () => { teach.disabled = context.training || context.readOnly; };

  const panel = createPanel(context, 'networks', {
    result,
    terms: ['block', 'logme'],
    obstacle: () => tooFewPictures(context.teacher),
    async run({ teacher, signal, onSteps }) {
      const models = (await Residua.models()).filter(({ kept, bytes }) => kept >= bytes);
      const samples = samplesOf(teacher); // the same for all: only then can scores be compared
      const total = samples.length * models.filter(({ name }) => name !== teacher.model).length;
      let done = 0;
      const here = [...models, ...Residua.shipped].find(({ name }) => name === teacher.model);
      /** @type {Ranked[]} */
      const ranked = [{
        name: teacher.model, title: here?.title ?? teacher.model, blocks: teacher.blocks,
        ...await teacher.rank({ ids: samples.map(({ id }) => id), signal }),
      }];
      /** @type {Failed[]} */
      const failed = [];
      for (const { name, title } of models) {
        if (name === teacher.model) continue;
        const onPicture = () => onSteps({ done: ++done, total });
        try {
          ranked.push({ name, title, ...await rankBy(name, teacher, samples, { signal, onPicture }) });
        } catch (error) { // of that network; the others are scored all the same
          signal.throwIfAborted();
          failed.push({ title, error });
        }
      }
      ranked.sort((a, b) => b.scores[b.best] - a.scores[a.best]);
      const [first] = ranked;
      say(verdict, ranked.length > 1 ? 'domains.networks.verdict' : 'domains.networks.only', () =>
        ({ title: first.title, block: blockLabel(first.blocks, first.best) }));
      offer(first);
      rows.replaceChildren(...ranked.map(one => tableRow(one, one === first && ranked.length > 1)),
        ...failed.map(failedRow));
    },
  });

  return {
    ...panel,
    show() {
      panel.show();
      showTeach();
    },
  };
}
