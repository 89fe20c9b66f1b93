// The block lab: buttons that ablate a block's residual branch or its shortcut.

import { placeOf } from '../blockplace.js';
import { classNameOf } from '../classname.js';
import { find, make } from '../dom.js';
import { glossary } from '../elements.js';
import { percent } from '../format.js';
import { say, text } from '../i18n.js';
import { answerOf, classifierOf, shownAnswer } from '../session.js';

/** @typedef {import('../../zproto.js').Block} Block */
/** @typedef {import('../../zproto.js').Ablation} Ablation */

/**
 * The name of a block in the page's language, such as "Stage 2, block 1".
 * @param {Block[]} blocks
 * @param {number} i
 */
export function blockName(blocks, i) {
  return text('look.block.option', placeOf(blocks, i)) ?? blocks[i].name;
}

/**
 * The stages of a network, each with the indices of its blocks.
 * @param {Block[]} blocks
 */
export function stagesOf(blocks) {
  /** @type {{ stage: number, members: number[] }[]} */
  const stages = [];
  blocks.forEach(({ stage }, i) => {
    if (stages.at(-1)?.stage !== stage) stages.push({ stage, members: [] });
    stages.at(-1)?.members.push(i);
  });
  return stages;
}

/** @param {{ onAblate: (block: number, ablation: Ablation | undefined) => void, onWhole: () => void }} handlers */
export function createLab({ onAblate, onWhole }) {
  const place = find('#lab', HTMLElement);
  const reason = find('#lab-reason', HTMLElement);
  const whole = find('#lab-whole', HTMLButtonElement);
  const effect = find('#lab-effect', HTMLElement);
  /** @type {Record<Ablation, ReturnType<typeof toggle>>[]} */
  let rows = [];
  reason.after(glossary(['lab.why', 'lab.percent']));

  whole.addEventListener('click', () => {
    find('#lab-sweep', HTMLButtonElement).focus(); // the button that was clicked disappears
    onWhole();
  });

  /**
   * A button that takes a part out or puts it back: its words say which.
   * @param {Block[]} blocks
   * @param {number} i
   * @param {Ablation} ablation
   */
  const toggle = (blocks, i, ablation) => {
    const button = make('button', 'plain');
    button.type = 'button';
    const isOut = () => 'out' in button.dataset;
    const sayWhat = () => {
      const key = isOut() ? `lab.${ablation}.back` : `lab.${ablation}`;
      say(button, key);
      say(button, `${key}.of`, () => ({ block: blockName(blocks, i) }), 'aria-label');
    };
    sayWhat();
    if (ablation === 'shortcut' && blocks[i].projection) {
      // It is not disabled, so that it can take the focus and a screen reader can read out the reason.
      button.ariaDisabled = 'true';
      button.setAttribute('aria-describedby', 'lab-reason');
      say(button, 'lab.reason', {}, 'title');
      button.addEventListener('click', () => say(effect, 'lab.reason')); // a finger sees no title
    } else button.addEventListener('click', () => onAblate(i, isOut() ? undefined : ablation));
    return {
      button,
      /** @param {boolean} out */
      setOut(out) {
        if (out === isOut()) return;
        button.toggleAttribute('data-out', out);
        sayWhat();
      },
    };
  };

  return {
    /**
     * @param {Block[]} blocks  of the network
     * @param {string} join  how their x and F are joined; without shortcuts nothing can be taken out
     */
    setBlocks(blocks, join) {
      const plain = join === 'none';
      find('#lab-sweep', HTMLButtonElement).hidden = place.hidden = plain;
      find('.lab-line', HTMLElement).hidden = plain;
      say(reason, plain ? 'lab.plain' : 'lab.reason');
      if (plain) {
        rows = [];
        return place.replaceChildren();
      }
      rows = blocks.map((_, i) => ({
        residual: toggle(blocks, i, 'residual'),
        shortcut: toggle(blocks, i, 'shortcut'),
      }));
      place.replaceChildren(...stagesOf(blocks).map(({ stage, members }) => {
        const head = make('h4');
        head.id = `lab-stage-${stage}`;
        say(head, 'lab.stage', { stage });
        const list = make('ol', '', ...members.map((i, k) => {
          const name = make('span', 'name');
          say(name, 'lab.block', { index: k + 1 });
          return make('li', '', name, rows[i].residual.button, rows[i].shortcut.button);
        }));
        list.role = 'list';
        list.setAttribute('aria-labelledby', head.id);
        return make('div', 'lab-stage', head, list);
      }));
    },

    /** @param {Record<string, Ablation>} ablate */
    show(ablate) {
      rows.forEach((row, i) => {
        row.residual.setOut(ablate[i] === 'residual');
        row.shortcut.setOut(ablate[i] === 'shortcut');
      });
      whole.hidden = Object.keys(ablate).length === 0;
    },

    /**
     * Says what the whole network answers, and what the changed one does.
     * @param {import('../session.js').State} state
     */
    showEffect(state) {
      const info = classifierOf(state)?.info;
      const before = answerOf(state)?.predictions[0];
      if (!info || !before) return;
      const { answer, changed } = shownAnswer(state) ?? { changed: 0 };
      const after = answer?.predictions[0] ?? before;
      say(effect, 'lab.effect.hint', {}, 'title');
      say(effect, changed > 0 ? 'lab.effect' : 'lab.effect.none', () => ({
        before: classNameOf(info, before.index), was: percent(before.probability),
        after: classNameOf(info, after.index), is: percent(after.probability),
      }));
    },
  };
}
