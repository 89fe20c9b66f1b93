// Look inside: what the network makes of the photo, block by block.

import { toClasses } from '../address.js';
import { find } from '../dom.js';
import { say } from '../i18n.js';
import { shownOf } from '../predictions.js';
import { answerOf, classifierOf, netOf } from '../session.js';
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
import { createWhose } from './whose.js';

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
 *   live: { readIn: (room: string, read: import('../live.js').Read) => void },
 *   heat: HTMLCanvasElement,
 *   onFiles: (files: File[]) => void,
 *   onFail: (error: unknown) => void,
 * }} options heat: the canvas over the photo; onFiles: files were dropped or pasted in the canvas;
 *   onFail: something failed, and the room has said so
 */
export function createLook({ session, live, heat, onFiles, onFail }) {
  const room = find('#look', HTMLElement);
  const body = find('#look-body', HTMLElement);
  const where = find('#where', HTMLElement);
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
    onTraced({ by: { info, offer }, ablate, traces, answer }) {
      table.show(info.blocks, traces);
      const changed = Object.keys(ablate).length;
      session.update({ altered: changed > 0 ? { answer, changed, offer } : undefined });
      show();
    },
    onCancel: ({ ablate }) => change({ ablate }),
    onRetry: show,
    onFail,
  });
  const whose = createWhose({ onChoose: kind => change(toClasses(kind)) });
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
    if (classifierOf(now) !== classifierOf(before)) setClasses(now);
    if (answerOf(now) !== answerOf(before)) setPredicted(now);
    /** @type {(keyof State)[]} */
    const shown = ['look', 'photo', 'answer', 'offered', 'taught', 'model', 'appearance', 'knowledge'];
    if (shown.some(name => now[name] !== before[name]) || !now.live !== !before.live) show();
    else if (now.live !== before.live) paint();
  });

  live.readIn('look', async ({ classifier, image, signal, show: showAnswer }) => {
    const painted = canvas.painted();
    const { classification } = await classifier.trace(image, { signal });
    if (classification) showAnswer(classification);
    await painted;
  });

  function show() {
    selection.refresh();
    const { look, question, isLive, classIndex } = selection;
    if (look.scene !== 'network') play.stop();
    // Until the next photo is answered, what is about the last one keeps its place: nothing below it moves.
    const isWaiting = !question && !isLive && !!session.state.photo && !body.hidden;
    where.hidden = !question && !isWaiting;
    body.hidden = !question && !isLive && !isWaiting;
    for (const part of [where, body]) part.toggleAttribute('data-waiting', isWaiting);
    room.toggleAttribute('data-live', isLive);
    find('#look-live', HTMLElement).hidden = !isLive;
    intro.show(!body.hidden);
    tour.show(!!question);
    empty.hidden = !body.hidden && !isWaiting;
    if (isLive) showLive(look);
    else if (!question) {
      // What is still being computed is for another room or photo. The next visit asks again.
      tracing.leave();
      sweep.stop();
      play.stop();
      cam.hide();
      say(empty, session.state.photo ? 'look.waiting' : 'look.empty');
    }
    if (question || isLive) whose.show(session.state);
    if (!question) return;
    controls.show(look, question.by.info.blocks.length);
    classes.show(classIndex);
    lab.show(look.ablate);
    lab.showEffect(session.state);
    table.setKnowledge(session.state.knowledge);
    paint();
    if (tracing.show(question)) cam.show(question, { ...look, class: classIndex });
    sweep.show(question, classIndex);
  }

  /** Shows the camera's pictures in place of the photo. What takes time, or is about one picture, waits. */
  function showLive(/** @type {Look} */ look) {
    tracing.leave();
    sweep.stop();
    cam.hide();
    controls.show(look, netOf(session.state)?.info.blocks.length ?? 0);
    paint();
  }

  /** Updates the canvas. It is not loaded before there is something to show. */
  function paint() {
    const { look, question, isLive, classIndex } = selection;
    const by = classifierOf(session.state);
    if (!by || !question && !isLive) return;
    const { altered, live: seen, knowledge } = session.state;
    const ablated = altered?.offer === by.offer ? altered?.answer : undefined;
    const answers = isLive ? [seen?.answer] : [answerOf(session.state), ablated];
    const answered = answers.flatMap(one => one?.predictions ?? []).map(({ index }) => index);
    canvas.show(isLive ? { ...look, ablate: {} } : look, {
      info: by.info, classIndex, answered, play: play.position, live: isLive, reducedMotion: reducedMotion.matches,
      knowledge,
    });
  }

  /** Sets the network, or that there is none. @param {import('../../residua.js').Residua | undefined} net */
  function serve(net) {
    canvas.serve(net);
    table.clear();
    if (!net) return;
    const { blocks, join } = net.info;
    for (const part of [lab, sweep, controls]) part.setBlocks(blocks, join);
    intro.setModel(net.info);
    tour.setModel(net.info);
  }

  /** Takes over the classes that answer. @param {State} state */
  function setClasses(state) {
    const by = classifierOf(state);
    if (by) classes.setModel(by.info);
    setPredicted(state);
  }

  /** @param {State} state */
  function setPredicted(state) {
    const answer = answerOf(state);
    if (answer) classes.setPredicted(shownOf(answer.predictions).map(({ index }) => index));
  }

  function tableText() {
    const { question, classIndex } = selection;
    const { last } = tracing;
    if (!question || !last) return undefined;
    const { knowledge } = session.state;
    const swept = sweep.of(question, classIndex);
    return csv(question.by.info.blocks, last.traces, last.ablate, { swept, knowledge });
  }

  /** @param {FrameEvent} event */
  function handleCanvasEvent(event) {
    if (event.kind === 'files') return onFiles(event.files);
    if (event.kind === 'zoomed') return controls.showZoom(event);
    const part = changeFor(event, selection.look);
    if (part) change(part);
  }

  serve(netOf(session.state));
  setClasses(session.state);
  show();
}
