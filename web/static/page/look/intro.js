// What a residual block is, at the head of Look inside: a sentence, a small picture, and a legend for narrow screens.

import { find } from '../dom.js';
import { say, setText, text } from '../i18n.js';
import { formulas } from './canvas.js';

/** The sign in the circle where x and F(x) meet. @type {Record<string, string>} */
const signs = { product: '×', maximum: 'max', gate: 'σ' };

export function createIntro() {
  const picture = find('#look-picture', SVGElement);
  const words = find('#look-intro', HTMLElement);
  const legend = find('#look-legend', HTMLElement);
  const items = [...legend.querySelectorAll('li')];

  return {
    /** @param {import('../../residua.js').Info} info */
    setModel(info) {
      const { blocks, join } = info;
      const plain = join === 'none';
      const kind = plain ? 'none' : join === 'add' ? 'added' : 'joined';
      say(words, `look.intro.${kind}`, { count: blocks.length });
      say(picture, `look.picture.${plain ? 'none' : 'shortcut'}`, {}, 'aria-label');
      picture.toggleAttribute('data-plain', plain);
      const sign = signs[join] ?? '+';
      find('text.join', SVGTextElement, picture).textContent = sign;
      find('i.join', HTMLElement, legend).textContent = sign;
      ['shortcut', 'residual', 'sum'].forEach((name, i) => {
        const key = `view.key.${name}`;
        setText(find('span', HTMLElement, items[i]), () => formulas(info)[key] ?? text(key) ?? '');
        items[i].hidden = plain && name !== 'residual';
      });
    },

    /** @param {boolean} visible */
    show(visible) {
      words.hidden = !visible;
      picture.toggleAttribute('hidden', !visible);
    },
  };
}
