// The room Look inside. It owns what is chosen there; the canvas, the map over the photo, the lab and the table show it.

import { addressOf } from './address.js';
import { find, make } from './dom.js';
import { family, language, say, spell } from './i18n.js';
import { blockName, createLab } from './lab.js';
import { createNumbers, csv, save } from './numbers.js';
import { createPlay } from './play.js';
import { mountView } from './view/frame.js';
import { createWhere } from './where.js';

/** @typedef {import('./address.js').Look} Look */
/** @typedef {import('./loader.js').Net} Net */
/** @typedef {import('./queue.js').Photo} Photo */
/** @typedef {import('./queue.js').Answer} Answer */

/**
 * @param {{
 *   look: Look,
 *   heat: HTMLCanvasElement,
 *   onAnswer: (answer: Answer, changed: number) => void,
 *   onFiles: (files: File[]) => void,
 *   onFail: (error: unknown) => void,
 * }} options onAnswer gets what the network says with so many blocks changed
 */
export function createLook({ look, heat, onAnswer, onFiles, onFail }) {
  const body = find('#look-body', HTMLElement);
  const empty = find('#look-empty', HTMLElement);
  const container = find('#look-canvas', HTMLElement);
  const scene = find('#look-scene', HTMLSelectElement);
  const block = find('#look-block', HTMLSelectElement);
  const order = find('#look-order', HTMLSelectElement);
  const map = find('#look-map', HTMLSelectElement);
  const calm = matchMedia('(prefers-reduced-motion: reduce)');
  const numbers = createNumbers();
  const lab = createLab({
    onAblate(i, ablation) {
      const { [i]: _, ...rest } = look.ablate;
      change({ ablate: ablation ? { ...rest, [i]: ablation } : rest });
    },
    onWhole: () => change({ ablate: {} }),
    onSweep: () => void sweep(),
  });
  const where = createWhere({ canvas: heat, onChange: change, onFail });
  const play = createPlay({ calm, onMove: () => tellView() });

  /** @type {Net | undefined} */ let net;
  /** @type {Photo | undefined} */ let photo;
  /** What the whole network said to the photo. @type {Answer | undefined} */ let whole;
  /** @type {import('./view/frame.js').View | undefined} */ let view;
  /** Of which photo and network the numbers are. */ let traced = '';
  /** @type {import('./zproto.js').BlockTrace[]} */ let traces = [];
  /** @type {number[] | undefined} */ let without;
  /** @type {AbortController | undefined} */ let running;
  /** @type {AbortController | undefined} */ let sweeping;

  scene.addEventListener('change', () => change({ scene: /** @type {Look['scene']} */ (scene.value) }));
  block.addEventListener('change', () => choose(Number(block.value)));
  order.addEventListener('change', () => change({ order: /** @type {Look['order']} */ (order.value) }));
  map.addEventListener('change', () => change({ map: /** @type {Look['map']} */ (map.value) }));
  find('#block-back', HTMLButtonElement).addEventListener('click', () => choose(look.block - 1));
  find('#block-next', HTMLButtonElement).addEventListener('click', () => choose(look.block + 1));
  find('#save-csv', HTMLButtonElement).addEventListener('click', () => {
    if (net) save(new Blob([csv(net.info.blocks, traces, look.ablate, without)], { type: 'text/csv' }), 'residua-blocks.csv');
  });
  find('#save-png', HTMLButtonElement).addEventListener('click', () => {
    view?.picture().then(blob => save(blob, 'residua.png'), error => say(empty, 'look.failed', { reason: error.message }));
  });
  calm.addEventListener('change', () => tellView());

  /** @param {number} i */
  function choose(i) {
    const last = (net?.info.blocks.length ?? 1) - 1;
    change({ block: Math.min(Math.max(i, 0), last), channel: -1, ...(look.scene === 'photo' ? { scene: 'block' } : {}) });
  }

  /** @param {Partial<Look>} part */
  function change(part) {
    look = { ...look, ...part };
    if (look.scene !== 'network') play.stop();
    history.replaceState(null, '', addressOf(look) || location.pathname + location.search);
    show();
  }

  /** The class that is meant: the chosen one, or the best guess. */
  const classIndex = () => (look.class >= 0 ? look.class : whole?.predictions[0].index ?? -1);

  /** Brings all of the room to what is chosen. */
  function show() {
    const there = look.room === 'look' && !!net && !!photo && !!whole;
    body.hidden = !there;
    empty.hidden = there;
    if (!there) {
      // What is still on its way is of another room or another photo; the next visit asks anew.
      running?.abort();
      sweeping?.abort();
      traced = '';
      play.stop();
      heat.hidden = true;
      if (look.room !== 'look') where.hide();
      return;
    }
    scene.value = look.scene;
    block.value = String(look.block);
    order.value = look.order;
    map.value = look.map;
    find('#block-back', HTMLButtonElement).disabled = look.block === 0;
    find('#block-next', HTMLButtonElement).disabled = look.block === (net?.info.blocks.length ?? 1) - 1;
    find('#look-order-field', HTMLElement).hidden = look.scene !== 'block';
    find('option[value=photo]', HTMLOptionElement, scene).disabled = look.channel < 0;
    find('#look-play', HTMLButtonElement).hidden = look.scene !== 'network';
    lab.show(look.ablate);
    connect();
    tellView();
    void refresh();
  }

  /** The network's answer and its numbers, when the photo or what is left out has changed; and then the map over the photo. */
  async function refresh() {
    if (!net || !photo || !whole) return;
    const asked = JSON.stringify([photo.key, look.ablate]);
    if (asked === traced) {
      if (traces.length > 0) where.show({ ...look, class: classIndex() }, net, photo);
      return;
    }
    traced = asked;
    traces = [];
    sweeping?.abort();
    without = undefined;
    lab.sweep(undefined);
    running?.abort();
    const { signal } = (running = new AbortController());
    try {
      const { ablate } = look;
      const answer = await net.classify(photo.blob, { topK: 5, ablate, signal });
      const found = await net.trace(photo.blob, { ablate, signal });
      if (signal.aborted) return;
      traces = found.blocks;
      numbers.show(net.info.blocks, traces);
      const changed = Object.keys(ablate).length;
      // The first answer's times are those of a whole pass.
      onAnswer(changed > 0 ? answer : whole, changed);
      where.show({ ...look, class: classIndex() }, net, photo);
    } catch (error) {
      if (signal.aborted) return;
      traced = '';
      onFail(error);
    }
  }

  async function sweep() {
    if (!net || !photo) return;
    sweeping?.abort();
    const { signal } = (sweeping = new AbortController());
    try {
      const swept = await net.sweep(photo.blob, {
        classIndex: classIndex(), ablate: look.ablate, signal, onProgress: steps => { if (!signal.aborted) lab.progress(steps); },
      });
      if (signal.aborted) return;
      without = swept.without;
      lab.sweep(swept, net.info.labels[swept.classIndex]);
    } catch (error) {
      if (!signal.aborted) onFail(error);
    }
  }

  /** The canvas comes with the first visit to the room: it is a program of its own. */
  function connect() {
    if (view || !net) return;
    view = mountView(container, { onEvent: hear });
    tellView();
    const { port1, port2 } = new MessageChannel();
    view.connect(port1);
    net.connectView(port2).catch(onFail);
  }

  function tellView() {
    view?.setState({
      scene: look.scene, block: look.block, channel: look.channel, tensor: look.tensor, order: look.order, class: Math.max(classIndex(), 0), map: look.map,
      opacity: look.opacity, play: play.position, ablate: look.ablate, dark: document.documentElement.dataset.theme === 'dark',
      reducedMotion: calm.matches, language: language(), words: family('view.'),
    });
  }

  /** @param {import('./view/frame.js').FrameEvent} event */
  function hear(event) {
    if (event.kind === 'files') return onFiles(event.files);
    if (event.kind === 'failed') {
      say(empty, 'look.failed', { reason: event.reason });
      empty.hidden = false;
    }
    if (event.kind === 'back') change({ scene: look.scene === 'photo' ? 'block' : 'network', channel: -1 });
    if (event.kind !== 'click') return;
    if (event.part === 'channel') change({ channel: event.channel, tensor: event.tensor, scene: 'photo' });
    else if (event.part === 'block' || event.part === 'residual' || event.part === 'shortcut') change({ block: event.block, channel: -1, scene: 'block' });
    else if (event.part === 'filter' || event.part === 'stem') change({ scene: 'filters' });
    else if (event.part === 'class') change({ class: event.channel });
  }

  return {
    /**
     * The address has changed, or a tab was chosen.
     * @param {Look} next
     */
    go(next) {
      look = next;
      fit();
      show();
    },

    /** @param {Net | undefined} next */
    serve(next) {
      if (next === net) return;
      net = next;
      traced = '';
      view?.destroy();
      view = undefined;
      if (net) {
        const { blocks } = net.info;
        lab.introduce(blocks);
        block.replaceChildren(...blocks.map((_, i) => {
          const option = make('option');
          option.value = String(i);
          spell(option, () => blockName(blocks, i));
          return option;
        }));
        fit();
      }
      show();
    },

    /**
     * A photo with the whole network's answer, or nothing while there is none.
     * @param {Photo} [nextPhoto]
     * @param {Answer} [answer]
     */
    present(nextPhoto, answer) {
      if (nextPhoto !== photo) where.hide();
      photo = nextPhoto;
      whole = answer;
      traced = '';
      if (net && whole) {
        const { labels } = net.info;
        const extra = look.class >= 0 && !whole.predictions.some(({ index }) => index === look.class) ? [{ index: look.class, label: labels[look.class] }] : [];
        where.offer([...whole.predictions, ...extra]);
      }
      show();
    },

    /** The theme or the language has changed. */
    repaint: tellView,
  };

  /** Holds what an address said to what this network has. */
  function fit() {
    if (!net) return;
    const { blocks, labels } = net.info;
    if (look.block >= blocks.length) look.block = 0;
    if (look.channel >= blocks[look.block].channels) look.channel = -1;
    if (look.scene === 'photo' && look.channel < 0) look.scene = 'block';
    if (look.class >= labels.length) look.class = -1;
    const possible = Object.entries(look.ablate).filter(([i, ablation]) => blocks[Number(i)] && !(ablation === 'shortcut' && blocks[Number(i)].projection));
    look.ablate = Object.fromEntries(possible);
  }
}
