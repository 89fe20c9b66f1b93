// The networks of the lab, a card for each, with what tells it from the others.

import { icon, make } from '../dom.js';
import { glossary, iconButton, localized } from '../elements.js';
import { compact, decimal, megabytes } from '../format.js';
import { say, setText, text } from '../i18n.js';
import { selectField, sliderField, switchField } from './fields.js';
import { glyph, mark } from './glyph.js';
import { namesOf } from './names.js';
import { maxNetworks, networkChoices, nextNetwork } from './settings.js';
import { nameText } from './words.js';

/** @typedef {import('./types.js').Settings} Settings */
/** @typedef {import('./types.js').NetworkSettings} NetworkSettings */
/** @typedef {import('./names.js').Part} Part */

/** @param {'copy' | 'trash'} name @param {string} key @param {() => void} onClick */
function squareButton(name, key, onClick) {
  const button = make('button', 'quiet square', icon(name));
  button.type = 'button';
  button.addEventListener('click', onClick);
  return {
    button,
    /** @param {() => string} network */
    name: network => say(button, key, () => ({ network: network() }), 'aria-label'),
  };
}

/**
 * @param {number} index
 * @param {object} handlers
 * @param {(change: Partial<NetworkSettings>) => void} handlers.onChange
 * @param {() => void} handlers.onCopy
 * @param {() => void} handlers.onRemove
 */
function createCard(index, { onChange, onCopy, onRemove }) {
  const title = make('h4');
  const drawing = make('div', 'skiplab-drawing');
  const facts = make('p', 'skiplab-facts');
  say(facts, 'skiplab.network.facts.text', {}, 'title');
  const fields = {
    depth: sliderField('skiplab.network.depth', networkChoices.depth,
      value => text('skiplab.name.depth', { depth: value }) ?? '', depth => onChange({ depth })),
    join: selectField('skiplab.network.join', networkChoices.join, value => `skiplab.join.${value}`,
      join => onChange({ join })),
    norm: switchField('skiplab.network.norm', norm => onChange({ norm })),
    zeroLast: switchField('skiplab.network.zero', zeroLast => onChange({ zeroLast })),
    width: selectField('skiplab.network.width', networkChoices.width, value => () => decimal(value, 0),
      width => onChange({ width })),
    activation: selectField('skiplab.network.activation', networkChoices.activation,
      value => `skiplab.activation.${value}`, activation => onChange({ activation })),
    init: selectField('skiplab.network.init', networkChoices.init, value => `skiplab.init.${value}`,
      init => onChange({ init })),
    preActivation: switchField('skiplab.network.pre-activation', preActivation => onChange({ preActivation })),
  };
  const more = make('details', 'skiplab-more', localized('summary', 'skiplab.network.more'),
    make('div', 'skiplab-fields', fields.width.element, fields.activation.element, fields.init.element,
      fields.zeroLast.element, fields.preActivation.element));
  const copy = squareButton('copy', 'skiplab.network.copy', onCopy);
  const remove = squareButton('trash', 'skiplab.network.remove', onRemove);
  const element = make('article', `skiplab-network network-${index + 1}`,
    make('header', '', mark(index), title), drawing,
    make('div', 'skiplab-fields', fields.depth.element, fields.join.element, fields.norm.element), more,
    make('footer', '', facts, copy.button, remove.button));
  title.id = `skip-lab-network-${index + 1}`;
  element.setAttribute('aria-labelledby', title.id);

  return {
    element,
    focus: () => fields.depth.element.querySelector('input')?.focus(),
    /**
     * @param {NetworkSettings} network
     * @param {Part[]} name
     * @param {{ isLast: boolean, isFull: boolean }} room  whether it is the only one, and whether no other has room
     */
    show(network, name, { isLast, isFull }) {
      const words = () => nameText(name);
      setText(title, words);
      copy.name(words);
      remove.name(words);
      copy.button.hidden = isFull;
      remove.button.hidden = isLast;
      drawing.replaceChildren(glyph(network));
      for (const [key, field] of Object.entries(fields)) {
        field.set(/** @type {never} */ (network[/** @type {keyof NetworkSettings} */ (key)]));
      }
      // A plain network has no shortcut for a block's output to be zero beside: its signal would end there.
      fields.zeroLast.element.hidden = network.join === 'none' && !network.zeroLast;
    },
    /** @param {{ parameters: number, bytes: number } | undefined} known */
    showFacts(known) {
      if (!known) return setText(facts);
      say(facts, 'skiplab.network.facts', () =>
        ({ parameters: compact(known.parameters), memory: megabytes(known.bytes) }));
    },
  };
}

/** What is explained below the cards. */
const terms = ['depth', 'join', 'norm', 'zero', 'width', 'activation', 'init', 'pre-activation', 'size'];

/** @param {{ onChange: (networks: NetworkSettings[]) => void }} handlers */
export function createNetworks({ onChange }) {
  const cards = make('div', 'skiplab-networks');
  const add = iconButton('plus', 'skiplab.network.add', 'plain skiplab-add', () => {
    change([...networks, nextNetwork(networks)]);
    shown.at(-1)?.focus();
  });
  const title = localized('h3', 'skiplab.networks.title');
  title.id = 'skip-lab-networks';
  const element = make('section', 'skiplab-part', make('div', 'skiplab-head', title, add), cards,
    glossary(terms.map(name => `skiplab.network.${name}`)));
  element.setAttribute('aria-labelledby', title.id);
  /** @type {NetworkSettings[]} */ let networks = [];
  /** @type {ReturnType<typeof createCard>[]} */ let shown = [];

  /** @param {NetworkSettings[]} next */
  function change(next) {
    onChange(next);
  }

  /** @param {number} index */
  const cardAt = index => createCard(index, {
    onChange: part => change(networks.map((network, i) => (i === index ? { ...network, ...part } : network))),
    onCopy() {
      change([...networks.slice(0, index + 1), { ...networks[index] }, ...networks.slice(index + 1)]);
      shown[index + 1]?.focus();
    },
    onRemove() {
      change(networks.filter((_, i) => i !== index));
      shown[Math.min(index, networks.length - 1)]?.focus();
    },
  });

  return {
    element,
    /** @param {NetworkSettings[]} next */
    show(next) {
      networks = next;
      while (shown.length > networks.length) shown.pop()?.element.remove();
      while (shown.length < networks.length) {
        const card = cardAt(shown.length);
        shown.push(card);
        cards.append(card.element);
      }
      const names = namesOf(networks);
      const room = { isLast: networks.length === 1, isFull: networks.length === maxNetworks };
      networks.forEach((network, i) => shown[i].show(network, names[i], room));
      add.hidden = room.isFull;
    },
    /** @param {readonly { parameters: number, bytes: number }[]} facts */
    showFacts: facts => shown.forEach((card, i) => card.showFacts(facts[i])),
  };
}
