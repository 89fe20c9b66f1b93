// The room Look inside: what the network makes of the photo, block by block. What is chosen in it is the session's; here its parts are tied together.

import { find } from '../dom.js';
import { save } from '../download.js';
import { say } from '../i18n.js';
import { netOf } from '../session.js';
import { createCAM } from './cam.js';
import { createCanvas } from './canvas.js';
import { createClasses } from './classes.js';
import { createControls } from './controls.js';
import { createLab } from './lab.js';
import { createPlay } from './play.js';
import { createSweep } from './sweep.js';
import { createTable, csv } from './table.js';
import { createTask } from './task.js';
import { createTracing } from './tracing.js';

/** @typedef {import('../session.js').State} State */
/** @typedef {import('../address.js').Look} Look */
/** @typedef {import('../../residua.js').Info} Info */

/**
 * Holds what an address said to what a network has.
 * @param {Look} look
 * @param {Info} info
 * @returns {Look}
 */
function fitted(look, { blocks, labels }) {
  const block = look.block < blocks.length ? look.block : 0;
  const channel = look.channel < blocks[block].channels ? look.channel : -1;
  const canCut = (/** @type {string} */ i, /** @type {string} */ part) => blocks[Number(i)] && !(part === 'shortcut' && blocks[Number(i)].projection);
  return {
    ...look, block, channel,
    scene: look.scene === 'photo' && channel < 0 ? 'block' : look.scene,
    class: look.class < labels.length ? look.class : -1,
    ablate: Object.fromEntries(Object.entries(look.ablate).filter(([i, part]) => canCut(i, part))),
  };
}

/**
 * @param {{
 *   session: import('../session.js').Session,
 *   heat: HTMLCanvasElement,
 *   onFiles: (files: File[]) => void,
 *   onFail: (error: unknown) => void,
 * }} options heat: the canvas over the photo; onFail hears what went wrong, which the room has told already
 */
export function createLook({ session, heat, onFiles, onFail }) {
  const body = find('#look-body', HTMLElement);
  const empty = find('#look-empty', HTMLElement);
  const sweepButton = find('#lab-sweep', HTMLButtonElement);
  const calm = matchMedia('(prefers-reduced-motion: reduce)');
  const table = createTable();
  const controls = createControls({ onChange: change, onBlock: choose, onZoom: steps => canvas.zoom(steps) });
  const canvas = createCanvas({ home: controls.home, onEvent: hear, onFail });
  const lab = createLab({
    onAblate(i, ablation) {
      const { [i]: _, ...rest } = look.ablate;
      change({ ablate: ablation ? { ...rest, [i]: ablation } : rest });
    },
    onWhole: () => change({ ablate: {} }),
  });
  const sweep = createSweep({
    button: sweepButton,
    onOpen(i) {
      change({ block: i, channel: -1, scene: 'block' });
      canvas.element.scrollIntoView({ block: 'nearest', behavior: calm.matches ? 'auto' : 'smooth' });
    },
    onSwept: show,
    onFail,
  });
  // The class is one for all of the room; it can be chosen wherever it matters.
  const classes = [/** @type {const} */ (['#where-class', 'where.class']), /** @type {const} */ (['#look-class', 'look.class'])].map(([id, label]) =>
    createClasses(find(id, HTMLElement), { label, onChoose: index => change({ class: index === best() ? -1 : index }) }));
  const cam = createCAM({ canvas: heat, onChange: change, onFail });
  const play = createPlay({ calm, onMove: paint });
  const tracing = createTracing({
    home: { first: controls.home, lab: sweepButton },
    onTraced({ net, ablate, traces, answer }) {
      table.show(net.info.blocks, traces);
      const changed = Object.keys(ablate).length;
      session.update({ altered: changed > 0 ? { answer, changed } : undefined });
      show();
    },
    onGiveUp: ({ ablate }) => change({ ablate }), // the network is put back as it was
    onRetry: show,
    onFail,
  });
  const saveTask = createTask(find('#save-task', HTMLElement));
  /** What is chosen, as far as the network has it. */
  let look = session.state.look;

  find('#save-csv', HTMLButtonElement).addEventListener('click', saveTable);
  find('#save-png', HTMLButtonElement).addEventListener('click', savePicture);
  calm.addEventListener('change', paint);

  session.subscribe((now, before) => {
    const net = netOf(now);
    if (net !== netOf(before)) serve(net);
    if (now.photo !== before.photo) {
      cam.hide();
      table.clear();
    }
    if (now.answer !== before.answer) offerClasses(now);
    if (now.look !== before.look || now.photo !== before.photo || now.answer !== before.answer || now.model !== before.model ||
      now.appearance !== before.appearance) show();
  });

  const best = () => session.state.answer?.predictions[0].index ?? -1;

  /** The class that is meant: the chosen one, or the best guess. */
  const classIndex = () => (look.class >= 0 ? look.class : best());

  /** What is on the stage, once the network has answered it. */
  function question() {
    const { photo, answer } = session.state;
    const net = netOf(session.state);
    return session.state.look.room === 'look' && net && photo && answer ? { net, photo, ablate: look.ablate } : undefined;
  }

  /** @param {Partial<Look>} part */
  function change(part) {
    session.update({ look: { ...look, ...part } });
  }

  /** @param {number} block */
  function choose(block) {
    const last = (netOf(session.state)?.info.blocks.length ?? 1) - 1;
    change({ block: Math.min(Math.max(block, 0), last), channel: -1, ...(look.scene === 'photo' ? { scene: 'block' } : {}) });
  }

  /** Brings all of the room to what is chosen. */
  function show() {
    const { photo, look: wanted } = session.state;
    const net = netOf(session.state);
    look = net ? fitted(wanted, net.info) : wanted;
    if (look.scene !== 'network') play.stop();
    const about = question();
    body.hidden = find('#where', HTMLElement).hidden = !about;
    empty.hidden = !!about;
    if (!about) {
      // What is still on its way is of another room or another photo; the next visit asks anew.
      tracing.leave();
      sweep.stop();
      play.stop();
      cam.hide();
      say(empty, photo ? 'look.waiting' : 'look.empty');
      return;
    }
    controls.show(look, about.net.info.blocks.length);
    for (const choice of classes) choice.show(classIndex());
    lab.show(look.ablate);
    paint();
    if (tracing.show(about)) cam.show(about, { ...look, class: classIndex() });
    sweep.show(about, classIndex(), classes[0].name(classIndex()));
  }

  /** Brings the canvas to what is chosen. */
  function paint() {
    canvas.show(look, { classIndex: classIndex(), play: play.position, reducedMotion: calm.matches });
  }

  /** Another network, or none. @param {import('../../residua.js').Residua | undefined} net */
  function serve(net) {
    canvas.serve(net);
    if (!net) return;
    const { blocks, labels } = net.info;
    lab.introduce(blocks);
    sweep.introduce(blocks);
    controls.introduce(blocks);
    for (const choice of classes) choice.introduce(labels);
  }

  /** The classes of the answer come first wherever one is chosen. @param {State} now */
  function offerClasses({ answer }) {
    if (answer) for (const choice of classes) choice.offer(answer.predictions.map(({ index }) => index));
  }

  function saveTable() {
    const about = question();
    const { last } = tracing;
    if (!about || !last) return;
    const text = csv(about.net.info.blocks, last.traces, last.ablate, sweep.of(about, classIndex()));
    save(new Blob([text], { type: 'text/csv' }), 'residua-blocks.csv');
  }

  async function savePicture() {
    saveTask.idle();
    try {
      save(await canvas.picture(), 'residua.png');
    } catch (error) {
      console.error(error);
      saveTask.refuse('numbers.png.failed');
    }
  }

  /** What a person does on the canvas. @param {import('./frame.js').FrameEvent} event */
  function hear(event) {
    if (event.kind === 'files') onFiles(event.files);
    else if (event.kind === 'zoomed') controls.showZoom(event);
    else if (event.kind === 'back') change({ scene: look.scene === 'photo' ? 'block' : 'network', channel: -1 });
    else if (event.kind === 'click') {
      const { part, channel, tensor, block } = event;
      if (part === 'channel') change({ channel, tensor, scene: 'photo' });
      else if (part === 'block' || part === 'residual' || part === 'shortcut') change({ block, channel: -1, scene: 'block' });
      else if (part === 'filter' || part === 'stem') change({ scene: 'filters' });
      else if (part === 'class') change({ class: channel });
    }
  }

  serve(netOf(session.state));
  offerClasses(session.state);
  show();
}
