// The room Look inside. It owns what is chosen there; the canvas, the map over the photo, the lab and the table show it.

import { addressOf } from '../address.js';
import { createClasses } from './classes.js';
import { find, make } from '../dom.js';
import { family, language, say, spell } from '../i18n.js';
import { blockName, createLab } from './lab.js';
import { save } from '../download.js';
import { createNumbers, csv } from './numbers.js';
import { createPlay } from './play.js';
import { createSweep } from './sweep.js';
import { createTask } from './task.js';
import { mountView } from './frame.js';
import { createWhere } from './where.js';

/** @typedef {import('../address.js').Look} Look */
/** @typedef {import('../../residua.js').Residua} Net */
/** @typedef {import('../photos.js').Photo} Photo */
/** @typedef {import('../../residua.js').Classification} Answer */

/** How x and F meet, where they are not added. @type {Record<string, string>} */
const joins = { product: 'x · F(x)', maximum: 'max(x, F(x))', gate: 'x · σ(F(x)) + F(x)' };

/**
 * The words for the canvas that are not those of most networks; they are formulas, the same in every language.
 * @param {import('../../residua.js').Info} info
 * @returns {Record<string, string>}
 */
function formulas({ join, linear }) {
  if (join === 'add' && !linear) return {};
  const sum = joins[join] ?? 'x + F(x)';
  return {
    ...(join in joins ? { 'view.head.sum': sum, 'view.head.sum.short': sum } : {}),
    'view.head.y': linear ? `y = ${sum}` : `y = ReLU(${sum})`,
    'view.key.sum': linear ? sum : `ReLU(${sum})`,
    'view.key.sum.short': linear ? sum : `ReLU(${sum})`,
  };
}

/**
 * @param {{
 *   look: Look,
 *   heat: HTMLCanvasElement,
 *   onAnswer: (answer: Answer, changed: number) => void,
 *   onFiles: (files: File[]) => void,
 *   onFail: (error: unknown) => void,
 * }} options onAnswer gets what the network says with so many blocks changed; onFail what went wrong, which the room has told already
 */
export function createLook({ look, heat, onAnswer, onFiles, onFail }) {
  const body = find('#look-body', HTMLElement);
  const empty = find('#look-empty', HTMLElement);
  const container = find('#look-canvas', HTMLElement);
  const preparing = find('#look-preparing', HTMLElement);
  const scene = find('#look-scene', HTMLSelectElement);
  const block = find('#look-block', HTMLSelectElement);
  const order = find('#look-order', HTMLSelectElement);
  const map = find('#look-map', HTMLSelectElement);
  const smaller = find('#zoom-out', HTMLButtonElement);
  const larger = find('#zoom-in', HTMLButtonElement);
  const all = find('#zoom-all', HTMLButtonElement);
  const sweepButton = find('#lab-sweep', HTMLButtonElement);
  const calm = matchMedia('(prefers-reduced-motion: reduce)');
  const numbers = createNumbers();
  const lab = createLab({
    onAblate(i, ablation) {
      const { [i]: _, ...rest } = look.ablate;
      change({ ablate: ablation ? { ...rest, [i]: ablation } : rest });
    },
    onWhole: () => change({ ablate: {} }),
  });
  const sweepView = createSweep({
    onOpen(i) {
      change({ block: i, channel: -1, scene: 'block' });
      container.scrollIntoView({ block: 'nearest', behavior: calm.matches ? 'auto' : 'smooth' });
    },
  });
  // The class is one for all of the room; it can be chosen wherever it matters.
  const classes = [/** @type {const} */ (['#where-class', 'where.class']), /** @type {const} */ (['#look-class', 'look.class'])].map(([id, label]) =>
    createClasses(find(id, HTMLElement), { label, onChoose: index => change({ class: index === best() ? -1 : index }) }));
  const where = createWhere({ canvas: heat, onChange: change, onFail });
  const play = createPlay({ calm, onMove: () => tellView() });

  const firstTask = createTask(find('#look-task', HTMLElement), { home: scene, onCancel: giveUp, onRetry: again });
  const labTask = createTask(find('#lab-task', HTMLElement), { home: sweepButton, onCancel: giveUp, onRetry: again });
  const sweepTask = createTask(find('#sweep-task', HTMLElement), { home: sweepButton, onCancel: stopSweep });
  const canvasTask = createTask(find('#canvas-task', HTMLElement), { home: scene, onRetry: reconnect });
  const saveTask = createTask(find('#save-task', HTMLElement));

  /** @type {Net | undefined} */ let net;
  /** @type {Photo | undefined} */ let photo;
  /** What the whole network said to the photo. @type {Answer | undefined} */ let whole;
  /** @type {import('./frame.js').View | undefined} */ let view;
  /** Which photo and network were asked about last; empty: none. */ let asked = '';
  /** What the numbers are of. @type {{ asked: string, photo: Photo, ablate: Look['ablate'], traces: import('../../zproto.js').BlockTrace[] } | undefined} */ let shown;
  /** The last sweep, and what was asked then. @type {import('../../zproto.js').Swept & { asked: string } | undefined} */ let swept;
  /** @type {AbortController | undefined} */ let running;
  /** A sweep on its way, and of which class. @type {{ controller: AbortController, index: number } | undefined} */ let sweeping;

  scene.addEventListener('change', () => change({ scene: /** @type {Look['scene']} */ (scene.value) }));
  block.addEventListener('change', () => choose(Number(block.value)));
  order.addEventListener('change', () => change({ order: /** @type {Look['order']} */ (order.value) }));
  map.addEventListener('change', () => change({ map: /** @type {Look['map']} */ (map.value) }));
  find('#block-back', HTMLButtonElement).addEventListener('click', () => choose(look.block - 1));
  find('#block-next', HTMLButtonElement).addEventListener('click', () => choose(look.block + 1));
  smaller.addEventListener('click', () => view?.zoom(-1));
  larger.addEventListener('click', () => view?.zoom(1));
  all.addEventListener('click', () => view?.zoom(0));
  sweepButton.addEventListener('click', () => void sweep());
  find('#save-csv', HTMLButtonElement).addEventListener('click', () => {
    if (net && shown) save(new Blob([csv(net.info.blocks, shown.traces, shown.ablate, sweepNow())], { type: 'text/csv' }), 'residua-blocks.csv');
  });
  find('#save-png', HTMLButtonElement).addEventListener('click', savePicture);
  calm.addEventListener('change', () => tellView());

  async function savePicture() {
    saveTask.idle();
    try {
      if (!view) throw new Error('there is no picture');
      save(await view.picture(), 'residua.png');
    } catch (error) {
      console.error(error);
      saveTask.refuse('numbers.png.failed');
    }
  }

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

  const best = () => whole?.predictions[0].index ?? -1;

  /** The class that is meant: the chosen one, or the best guess. */
  const classIndex = () => (look.class >= 0 ? look.class : best());

  /** The sweep, if it is of this photo, this network and this class. */
  const sweepNow = () => (swept && swept.asked === asked && swept.classIndex === classIndex() ? swept : undefined);

  /** Brings all of the room to what is chosen. */
  function show() {
    const there = look.room === 'look' && !!net && !!photo && !!whole;
    body.hidden = !there;
    empty.hidden = there;
    find('#where', HTMLElement).hidden = !there;
    if (!there) {
      // What is still on its way is of another room or another photo; the next visit asks anew.
      running?.abort();
      stopSweep();
      asked = '';
      play.stop();
      where.hide();
      say(empty, photo ? 'look.waiting' : 'look.empty');
      return;
    }
    scene.value = look.scene;
    block.value = String(look.block);
    order.value = look.order;
    map.value = look.map;
    find('#block-back', HTMLButtonElement).disabled = look.block === 0;
    find('#block-next', HTMLButtonElement).disabled = look.block === (net?.info.blocks.length ?? 1) - 1;
    find('#look-order-field', HTMLElement).hidden = look.scene !== 'block';
    find('#look-class', HTMLElement).hidden = look.scene !== 'block' || look.order !== 'class';
    find('option[value=photo]', HTMLOptionElement, scene).disabled = look.channel < 0;
    find('#look-play', HTMLButtonElement).hidden = look.scene !== 'network';
    for (const choice of classes) choice.show(classIndex());
    lab.show(look.ablate);
    connect();
    tellView();
    void refresh();
    if (sweeping && sweeping.index !== classIndex()) stopSweep();
    const sweepOf = sweepNow();
    sweepView.show(sweepOf, sweepOf && classes[0].name(sweepOf.classIndex));
  }

  /** The network's answer and its numbers, when the photo or what is left out has changed; and then the map over the photo. */
  async function refresh() {
    if (!net || !photo || !whole) return;
    const mine = { asked: JSON.stringify([photo.key, look.ablate]), photo, ablate: look.ablate };
    const { ablate } = mine;
    if (mine.asked === asked) {
      if (shown?.asked === asked) where.show({ ...look, class: classIndex() }, net, photo);
      return;
    }
    asked = mine.asked;
    stopSweep();
    running?.abort();
    if (shown?.photo !== photo) {
      shown = undefined;
      numbers.show([], []);
    }
    const { signal } = (running = new AbortController());
    const task = shown ? labTask : firstTask;
    task.begin(shown ? 'lab.busy' : 'look.busy');
    try {
      const answer = await net.classify(photo.blob, { topK: 5, ablate, signal });
      const { blocks } = await net.trace(photo.blob, { ablate, signal });
      if (signal.aborted) return;
      task.idle();
      shown = { ...mine, traces: blocks };
      numbers.show(net.info.blocks, blocks);
      const changed = Object.keys(ablate).length;
      // The first answer's times are those of a whole pass.
      onAnswer(changed > 0 ? answer : whole, changed);
      where.show({ ...look, class: classIndex() }, net, photo);
    } catch (error) {
      if (signal.aborted) return;
      task.fail(error);
      onFail(error);
    }
  }

  /** A person does not want to wait: the network is put back as it was. */
  function giveUp() {
    running?.abort();
    labTask.idle();
    if (shown) return change({ ablate: shown.ablate });
    firstTask.refuse('look.stopped');
  }

  function again() {
    asked = '';
    show();
  }

  async function sweep() {
    if (!net || !photo) return;
    stopSweep();
    const controller = new AbortController();
    const { signal } = controller;
    const mine = { asked, index: classIndex() };
    sweeping = { controller, index: mine.index };
    sweepTask.begin('sweep.busy', { label: classes[0].name(mine.index) });
    try {
      const found = await net.sweep(photo.blob, {
        classIndex: mine.index, ablate: look.ablate, signal, onProgress: steps => { if (!signal.aborted) sweepTask.step(steps); },
      });
      if (signal.aborted) return;
      sweeping = undefined;
      swept = { ...found, asked: mine.asked };
      sweepTask.idle();
      show();
    } catch (error) {
      if (signal.aborted) return;
      sweeping = undefined;
      sweepTask.fail(error);
      onFail(error);
    }
  }

  /** The last sweep stays as it is. */
  function stopSweep() {
    sweeping?.controller.abort();
    sweeping = undefined;
    sweepTask.idle();
  }

  /** The canvas comes with the first visit to the room: it is a program of its own. */
  function connect() {
    if (view || !net) return;
    preparing.hidden = false;
    delete container.dataset.state;
    canvasTask.idle();
    view = mountView(container, { onEvent: hear });
    tellView();
    const { port1, port2 } = new MessageChannel();
    view.connect(port1);
    net.connectView(port2).catch(error => {
      canvasTask.fail(error);
      onFail(error);
    });
  }

  function reconnect() {
    view?.destroy();
    view = undefined;
    connect();
  }

  function tellView() {
    view?.setState({
      scene: look.scene, block: look.block, channel: look.channel, tensor: look.tensor, order: look.order, class: Math.max(classIndex(), 0), map: look.map,
      opacity: look.opacity, play: play.position, ablate: look.ablate, dark: document.documentElement.dataset.theme === 'dark',
      reducedMotion: calm.matches, join: net?.info.join ?? 'add', linear: net?.info.linear ?? false,
      language: language(), words: { ...family('view.'), ...(net && formulas(net.info)) },
    });
  }

  /** @param {import('./frame.js').FrameEvent} event */
  function hear(event) {
    switch (event.kind) {
      case 'files':
        return onFiles(event.files);
      case 'ready':
        preparing.hidden = true;
        delete container.dataset.state;
        return canvasTask.idle();
      case 'failed':
        if (!preparing.hidden) container.dataset.state = 'failed'; // there never was a picture, so there is no place to keep for it
        preparing.hidden = true;
        console.error(event.reason);
        return canvasTask.refuse('look.failed');
      case 'zoomed':
        // They keep the keyboard's focus also while they do nothing.
        larger.ariaDisabled = String(!event.larger);
        smaller.ariaDisabled = all.ariaDisabled = String(!event.smaller);
        return;
      case 'back':
        return change({ scene: look.scene === 'photo' ? 'block' : 'network', channel: -1 });
      case 'click':
        if (event.part === 'channel') change({ channel: event.channel, tensor: event.tensor, scene: 'photo' });
        else if (event.part === 'block' || event.part === 'residual' || event.part === 'shortcut') change({ block: event.block, channel: -1, scene: 'block' });
        else if (event.part === 'filter' || event.part === 'stem') change({ scene: 'filters' });
        else if (event.part === 'class') change({ class: event.channel });
    }
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
      asked = '';
      shown = swept = undefined;
      view?.destroy();
      view = undefined;
      if (net) {
        const { blocks, labels } = net.info;
        lab.introduce(blocks);
        sweepView.introduce(blocks);
        for (const choice of classes) choice.introduce(labels);
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
     * The photo on the stage, with the whole network's answer once that is there; or nothing.
     * @param {Photo} [nextPhoto]
     * @param {Answer} [answer]
     */
    present(nextPhoto, answer) {
      if (nextPhoto !== photo) where.hide();
      photo = nextPhoto;
      whole = answer;
      asked = '';
      firstTask.idle();
      labTask.idle();
      if (whole) for (const choice of classes) choice.offer(whole.predictions.map(({ index }) => index));
      show();
    },

    /** The theme or the language has changed. */
    repaint: show,
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
