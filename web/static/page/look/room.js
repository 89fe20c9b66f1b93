// Look inside: what the network makes of the photo, block by block.

import { find } from '../dom.js';
import { say } from '../i18n.js';
import { shownOf } from '../predictions.js';
import { netOf } from '../session.js';
import { createCAM } from './cam.js';
import { createCanvas } from './canvas.js';
import { createClasses } from './classes.js';
import { createControls } from './controls.js';
import { createIntro } from './intro.js';
import { createLab } from './lab.js';
import { createPlay } from './play.js';
import { createSave } from './save.js';
import { createSelection } from './selection.js';
import { createSweep } from './sweep.js';
import { createTable, csv } from './table.js';
import { createTour } from './tour.js';
import { createTracing } from './tracing.js';

/** @typedef {import('../session.js').State} State */
/** @typedef {import('../address.js').Look} Look */
/** @typedef {import('../canvas/frame.js').FrameEvent} FrameEvent */

/**
 * What a person's action on the canvas changes, if anything.
 * @param {FrameEvent} event
 * @param {Look} look  what is chosen
 * @returns {Partial<Look> | undefined}
 */
function changeFor(event, look) {
  if (event.kind === 'back') return { scene: look.scene === 'photo' ? 'block' : 'network', channel: -1 };
  if (event.kind !== 'click') return undefined;
  const { channel, tensor, block } = event;
  switch (event.part) {
    case 'channel':
      return { channel, tensor, scene: 'photo' };
    case 'block':
    case 'residual':
    case 'shortcut':
      return { block, channel: -1, scene: 'block' };
    case 'filter':
    case 'stem':
      return { scene: 'filters' };
    case 'class':
      return { class: channel };
  }
}

/**
 * @param {{
 *   session: import('../session.js').Session,
 *   heat: HTMLCanvasElement,
 *   onFiles: (files: File[]) => void,
 *   onFail: (error: unknown) => void,
 * }} options heat: the canvas over the photo; onFiles: files were dropped or pasted in the canvas;
 *   onFail: something failed, and the room has said so
 */
export function createLook({ session, heat, onFiles, onFail }) {
  const body = find('#look-body', HTMLElement);
  const empty = find('#look-empty', HTMLElement);
  const sweepButton = find('#lab-sweep', HTMLButtonElement);
  const reducedMotion = matchMedia('(prefers-reduced-motion: reduce)');
  const selection = createSelection(session);
  const { change } = selection;
  const table = createTable();
  const controls = createControls({
    onChange: change, onBlock: selection.changeBlock, onZoom: steps => canvas.zoom(steps),
  });
  const canvas = createCanvas({ home: controls.home, onEvent: handleCanvasEvent, onFail });
  const lab = createLab({ onAblate: selection.changeAblation, onWhole: () => change({ ablate: {} }) });
  const classes = createClasses({ onChoose: selection.changeClass });
  const sweep = createSweep({
    button: sweepButton,
    nameOf: classes.nameOf,
    onOpen(i) {
      change({ block: i, channel: -1, scene: 'block' });
      canvas.element.scrollIntoView({ block: 'nearest', behavior: reducedMotion.matches ? 'auto' : 'smooth' });
    },
    onSwept: show,
    onFail,
  });
  const cam = createCAM({ canvas: heat, onChange: change, onFail });
  const play = createPlay({ reducedMotion, onMove: paint });
  const intro = createIntro();
  const tour = createTour({ onChange: change, onPlace: play.rest });
  const tracing = createTracing({
    home: { first: controls.home, lab: sweepButton },
    onTraced({ net, ablate, traces, answer }) {
      table.show(net.info.blocks, traces);
      const changed = Object.keys(ablate).length;
      session.update({ altered: changed > 0 ? { answer, changed } : undefined });
      show();
    },
    onCancel: ({ ablate }) => change({ ablate }),
    onRetry: show,
    onFail,
  });
  createSave({ table: tableText, picture: canvas.picture });

  // On a phone the room begins short.
  if (matchMedia('(max-width: 599px)').matches) {
    for (const part of document.querySelectorAll('details.part')) part.removeAttribute('open');
  }

  reducedMotion.addEventListener('change', paint);

  session.subscribe((now, before) => {
    const net = netOf(now);
    if (net !== netOf(before)) serve(net);
    if (now.photo !== before.photo) {
      cam.hide();
      table.clear();
    }
    if (now.answer !== before.answer) setPredicted(now);
    /** @type {(keyof State)[]} */
    const shown = ['look', 'photo', 'answer', 'model', 'appearance', 'knowledge'];
    if (shown.some(name => now[name] !== before[name])) show();
  });

  function show() {
    selection.refresh();
    const { look, question, classIndex } = selection;
    if (look.scene !== 'network') play.stop();
    body.hidden = find('#where', HTMLElement).hidden = !question;
    intro.show(!!question);
    tour.show(!!question);
    empty.hidden = !!question;
    if (!question) {
      // What is still being computed is for another room or photo. The next visit asks again.
      tracing.leave();
      sweep.stop();
      play.stop();
      cam.hide();
      say(empty, session.state.photo ? 'look.waiting' : 'look.empty');
      return;
    }
    controls.show(look, question.net.info.blocks.length);
    classes.show(classIndex);
    lab.show(look.ablate);
    lab.showEffect(session.state);
    table.setKnowledge(session.state.knowledge);
    paint();
    if (tracing.show(question)) cam.show(question, { ...look, class: classIndex });
    sweep.show(question, classIndex);
  }

  /** Updates the canvas. It is not loaded before there is something to show. */
  function paint() {
    const { look, question, classIndex } = selection;
    if (!question) return;
    const { answer, altered, knowledge } = session.state;
    const answered = [answer, altered?.answer].flatMap(one => one?.predictions ?? []).map(({ index }) => index);
    canvas.show(look, {
      classIndex, answered, play: play.position, reducedMotion: reducedMotion.matches, knowledge,
    });
  }

  /** Sets the network, or that there is none. @param {import('../../residua.js').Residua | undefined} net */
  function serve(net) {
    canvas.serve(net);
    table.clear();
    if (!net) return;
    const { blocks, join } = net.info;
    for (const part of [lab, sweep, controls]) part.setBlocks(blocks, join);
    classes.setModel(net.info);
    intro.setModel(net.info);
    tour.setModel(net.info);
  }

  /** @param {State} state */
  function setPredicted({ answer }) {
    if (answer) classes.setPredicted(shownOf(answer.predictions).map(({ index }) => index));
  }

  function tableText() {
    const { question, classIndex } = selection;
    const { last } = tracing;
    if (!question || !last) return undefined;
    const { knowledge } = session.state;
    const swept = sweep.of(question, classIndex);
    return csv(question.net.info.blocks, last.traces, last.ablate, { swept, knowledge });
  }

  /** @param {FrameEvent} event */
  function handleCanvasEvent(event) {
    if (event.kind === 'files') return onFiles(event.files);
    if (event.kind === 'zoomed') return controls.showZoom(event);
    const part = changeFor(event, selection.look);
    if (part) change(part);
  }

  serve(netOf(session.state));
  setPredicted(session.state);
  show();
}
