// Skip lab: residual and plain networks learn side by side. choice.js has the settings, runner.js the run, and here
// they meet the parts that show them.

import { uniqueName } from '../../common/platform.js';
import { find } from '../dom.js';
import { save } from '../download.js';
import { onLanguage } from '../i18n.js';
import { isEngineFault } from '../../residua.js';
import { landscapeVerdict, pathsVerdict, transferVerdict } from './analysis.js';
import { createAnalyses, obstacleOf, otherDomain } from './analyses.js';
import { createChoice } from './choice.js';
import { codeOf, settingsOf } from './code.js';
import { createFeed } from './feed.js';
import { createLessonCards } from './lessoncards.js';
import { createOffer, createSettingsHead, layOut } from './layout.js';
import { namesOf } from './names.js';
import { createNetworks } from './networks.js';
import { createEngine } from './open.js';
import { createPictures, sampleCount } from './pictures.js';
import { curvesCSV } from './record.js';
import { createResults } from './results.js';
import { createRunBar } from './runbar.js';
import { createRunLock } from './runlock.js';
import { createRunner } from './runner.js';
import { createRunStore } from './runstore.js';
import { createSampler } from './sampler.js';
import { createSaving } from './saving.js';
import { defaultSettings, isSame, lessonOf, lessons } from './settings.js';
import { createSignaller } from './signaller.js';
import { createStage } from './stage.js';
import { landscapeTable, layersTable, pathsTable, transferTable } from './tables.js';
import { createTraining } from './training.js';
import { signalVerdict } from './verdicts.js';
import { nameText } from './words.js';

/** @typedef {import('./types.js').Settings} Settings */
/** @typedef {import('./types.js').Signal} Signal */
/** @typedef {import('./stage.js').Scene} Scene */
/** @typedef {import('./runstore.js').Kept} Kept */

/**
 * @param {object} options
 * @param {import('../session.js').Session} options.session
 * @param {() => Promise<import('./types.js').OwnClass[]>} options.own  the classes with pictures that Teach has
 * @param {(file: File, room: 'classify' | 'look') => void} options.onOpen  a trained network is to be the page's model
 */
export function createSkipLab({ session, own, onOpen }) {
  const choice = createChoice(settingsOf(session.state.look.lab));
  const engine = createEngine({ own });
  const tab = uniqueName();
  const runLock = createRunLock(tab);
  const runStore = createRunStore(tab, runLock.busy);
  const lab = engine.with;
  /** @type {Scene} */ let scene = 'signal';
  /** @type {Signal | undefined} */ let signal;
  /** Whether there can be no signal with these settings. */ let hasNoSignal = false;
  /** A run of an earlier visit. @type {Kept | undefined} */ let kept;
  let isActive = false;

  const lessonCards = createLessonCards({
    onChoose(name) {
      scene = 'signal';
      choose(structuredClone(lessons[name]));
      show();
    },
  });
  const head = createSettingsHead({
    onUndo() { if (choice.undo()) chosen(); },
    onReset: () => choose(defaultSettings()),
  });
  const networks = createNetworks({ onChange: all => choose({ ...choice.settings, networks: all }) });
  const pictures = createPictures({ onChange: data => choose({ ...choice.settings, data }) });
  const training = createTraining({ onChange: change => choose({ ...choice.settings, ...change }) });
  const stage = createStage({
    onScene(next) {
      scene = next;
      showStage();
    },
    onCompute: kind => void analyse(/** @type {import('./analyses.js').Analysis} */ (kind)),
    onCancel: () => analyses.cancel(),
  });
  const feed = createFeed(stage.canvas);
  const results = createResults();
  const saving = createSaving({ onNetwork: take, onCurves: saveCurves, onPicture: savePicture });
  const run = createRunBar({
    onTrain: () => train(),
    onPause: () => runner.pause(),
    onStep: () => train(1),
    onStop: () => void runner.stop(),
  });
  const offer = createOffer({ onAccept: () => void restore(), onRefuse: () => void forget() });
  const settingsElement = layOut(find('#skip-lab', HTMLElement), {
    offer, lessons: lessonCards, stage, results, saving, head, networks, pictures, training, run,
  });

  const signaller = createSignaller({
    lab,
    onSignal(answer, settings) {
      if (!isSame(settings, choice.settings)) return;
      run.fail();
      signal = answer;
      networks.showFacts(answer.networks);
      stage.chart.show(answer.networks, namesOf(settings.networks));
      showStage();
    },
    onFail(error) {
      signal = undefined;
      hasNoSignal = true;
      networks.showFacts([]);
      handleFault(error);
      showStage();
    },
  });
  const sampler = createSampler({
    lab, count: sampleCount, onSamples: pictures.showSamples,
    onFail(error) {
      pictures.fail(error);
      if (isEngineFault(error)) restart();
    },
  });
  const runner = createRunner({
    lab, store: runStore,
    onState(state) {
      runLock.set(state !== 'none' && state !== 'done');
      if (state === 'starting' || state === 'none') analyses.clear();
      if (state === 'starting') {
        run.fail();
        offer.hide();
      }
      if (state === 'running' && scene !== 'heat') scene = 'heat';
      if (isRunning()) signaller.cancel();
      else if (!signal) ask(); // a run that began at once has come in before it
      show();
    },
    onBegin: show,
    onStep(report, record) {
      feed.step(report, record);
      const names = namesOf(record.settings.networks);
      results.grow(record, names);
      showRun();
      if (scene === 'heat' && report.step === 1) showStage();
    },
    onFail: handleFault,
  });
  const analyses = createAnalyses({
    lab, trained: () => runner.engine,
    onProgress: stage.task.step,
    onLandscape(network, landscape) {
      if (runner.record) feed.landscape(runner.record, network, landscape);
      showStage();
    },
    onPaths(network, paths) {
      if (runner.record) feed.paths(runner.record, network, paths);
      showStage();
    },
  });

  /** @param {unknown} error */
  function handleFault(error) {
    run.fail(error);
    // A run of another version, or of pictures that have gone, would be offered again and again.
    if (/** @type {any} */ (error)?.details?.why === 'other-run') void runStore.clear();
    if (isEngineFault(error)) restart();
    show();
  }

  /** Starts another engine when it is needed. The run can go on from where it was kept last. */
  function restart() {
    engine.restart();
    if (runner.record) runner.lose();
    void offerKept();
  }

  /** @param {Settings} next */
  function choose(next) {
    if (choice.set(next)) chosen();
  }

  /** Other settings are chosen. */
  function chosen() {
    signal = undefined;
    const lab = codeOf(choice.settings);
    if (session.state.look.lab !== lab) session.update({ look: { ...session.state.look, lab } });
    ask();
    show();
  }

  function ask() {
    if (!isActive) return;
    if (isRunning()) return;
    hasNoSignal = false;
    signaller.ask(choice.settings);
    sampler.ask(choice.settings.data);
  }

  /** Whether the run's settings are no longer those that are chosen. */
  const isChanged = () => !!runner.record && !isSame(runner.record.settings, choice.settings);

  /** @param {number} [steps] */
  function train(steps) {
    if (runner.state === 'paused' && !isChanged()) {
      analyses.clear();
      void runner.goOn(steps);
    } else void runner.train(structuredClone(choice.settings), steps);
  }

  /** @param {import('./analyses.js').Analysis} kind */
  async function analyse(kind) {
    const { record } = runner;
    const settings = kind === 'transfer' ? choice.settings : record?.settings;
    if (!settings || analyses.isBusy) return;
    stage.task.begin(`skiplab.busy.${kind}`);
    try {
      const computing = analyses.compute(kind, settings, record);
      show();
      await computing;
      show();
      stage.task.idle();
    } catch (error) {
      show(); // the button is back, and can take the focus
      if (/** @type {any} */ (error)?.code === 'cancelled') stage.task.idle();
      else {
        stage.fail(error);
        if (isEngineFault(error)) restart();
      }
    }
  }

  function show() {
    const { settings } = choice;
    const isBusy = isRunning() || analyses.isBusy;
    lessonCards.show(lessonOf(settings), isBusy);
    head.show({ canUndo: choice.canUndo, canReset: !isSame(settings, defaultSettings()), isLocked: isBusy });
    settingsElement.disabled = isBusy;
    networks.show(settings.networks);
    pictures.show(settings.data);
    training.show(settings);
    const { record } = runner;
    results.show(record, record ? namesOf(record.settings.networks) : []);
    const isTrained = !isBusy && !!record && record.step > 0;
    saving.show(record ? namesOf(record.settings.networks) : [],
      (record?.networks ?? []).map(({ divergedAt }) => isTrained && divergedAt === 0));
    showStage();
    showRun();
  }

  function showRun() {
    const { record, state } = runner;
    run.show({
      state, step: record?.step ?? 0, steps: record && !isChanged() ? record.steps : choice.settings.steps,
      isChanged: isChanged(), perSecond: runner.perSecond(),
    });
  }

  function showStage() {
    if (!isActive) return;
    if (scene === 'signal') showSignal();
    else if (scene === 'transfer') showTransfer();
    else showTrained(scene);
  }

  function showSignal() {
    const names = namesOf(choice.settings.networks);
    const shown = signal;
    stage.name(names, choice.settings.steps);
    if (shown) feed.signal(shown, names, isChanged() ? undefined : runner.record);
    stage.show('signal', {
      hasPicture: !!shown,
      empty: `skiplab.scene.signal.${hasNoSignal ? 'none' : isRunning() ? 'later' : 'empty'}`,
      ...(shown ? {
        said: { networks: shown.networks.map(network => signalVerdict(network)) },
        table: () => layersTable(shown.networks, names),
      } : {}),
    });
  }

  function showTransfer() {
    const { transferOf } = analyses.results;
    const transfer = transferOf && isSame(transferOf, choice.settings) ? analyses.results.transfer : undefined;
    const why = otherDomain(choice.settings.data) === undefined ? 'skiplab.transfer.one-domain' : undefined;
    if (transfer) stage.transferChart.show(transfer);
    stage.show('transfer', {
      hasPicture: !!transfer, computes: analyses.isBusy ? undefined : 'skiplab.compute.transfer',
      obstacle: why ?? (isRunning() ? 'skiplab.compute.running' : undefined),
      ...(transfer ? {
        said: { networks: [], all: transferVerdict(transfer) }, table: () => transferTable(transfer),
      } : {}),
    });
  }

  const isRunning = () => ['starting', 'running', 'pausing'].includes(runner.state);

  /** A scene of the run's networks. @param {'heat' | 'landscape' | 'paths'} which */
  function showTrained(which) {
    const { record } = runner;
    if (!record || record.step === 0) {
      stage.show(which, { hasPicture: false });
      return;
    }
    const names = namesOf(record.settings.networks);
    const { landscapes, paths } = analyses.results;
    stage.name(names, record.steps);
    feed.run(record, names, analyses.results);
    if (which === 'heat') {
      const last = record.norms.at(-1);
      stage.show('heat', {
        hasPicture: true,
        table: () => layersTable((last?.networks ?? []).map((norms, i) =>
          norms && { ...norms, layers: record.started.networks[i].layers }), names),
      });
      return;
    }
    const found = which === 'landscape' ? landscapes : paths;
    const has = found.some(Boolean);
    const obstacle = isRunning() ? 'skiplab.compute.running' : obstacleOf(which, record);
    stage.show(which, {
      hasPicture: has, computes: has || analyses.isBusy ? undefined : `skiplab.compute.${which}`, obstacle,
      ...(has ? {
        said: {
          networks: names.map((_, i) => (which === 'landscape' ? landscapes[i] && landscapeVerdict(landscapes[i])
            : paths[i] && pathsVerdict(paths[i]))),
        },
        table: () => (which === 'landscape' ? landscapeTable(landscapes, names) : pathsTable(paths, names)),
      } : {}),
    });
  }

  /** @param {number} network @param {import('./saving.js').Way} way */
  async function take(network, way) {
    const { record, engine } = runner;
    if (!record || !engine) return;
    const title = nameText(namesOf(record.settings.networks)[network]);
    const file = await engine.export({ network, format: way === 'onnx' ? 'onnx' : 'safetensors', title });
    if (way === 'classify' || way === 'look') onOpen(file, way);
    else save(file, file.name);
  }

  function saveCurves() {
    const { record } = runner;
    if (!record) return;
    const names = namesOf(record.settings.networks).map(nameText);
    const csv = curvesCSV(record, names);
    // Excel takes a file without the mark for one in the system's own encoding, in which Chinese names are garbled.
    const mark = names.some(name => /[^ -~]/.test(name)) ? '\uFEFF' : '';
    save(new Blob([mark, csv], { type: 'text/csv' }), 'residua-curves.csv');
  }

  async function savePicture() {
    save(await stage.canvas.picture(), 'residua-lab.png');
  }

  async function restore() {
    offer.hide();
    const was = kept;
    if (!was) return;
    const { settings } = was.record;
    choose(structuredClone(settings));
    const wasDone = was.record.done;
    kept = undefined;
    if (!await runner.restore(was, settings)) return;
    if (!wasDone && runner.state === 'paused') void runner.goOn();
  }

  async function forget() {
    offer.hide();
    kept = undefined;
    await runStore.clear();
  }

  async function offerKept() {
    kept = await runStore.load();
    if (!kept || runner.record || runner.state !== 'none') return;
    const { step, steps, done } = kept.record;
    offer.show({ step, steps, isDone: done });
  }

  session.subscribe((now, before) => {
    const isHere = now.look.room === 'lab';
    if (isHere !== (before.look.room === 'lab')) enter(isHere);
    if (isHere && now.look.lab !== before.look.lab && now.look.lab !== codeOf(choice.settings)) {
      // While something is computed the settings stay, and so the address has them again.
      if (isRunning() || analyses.isBusy) session.update({ look: { ...now.look, lab: codeOf(choice.settings) } });
      else choose(settingsOf(now.look.lab));
    }
    if (now.appearance !== before.appearance && isHere) show();
  });
  onLanguage(() => feed.forget());

  /** @param {boolean} here */
  function enter(here) {
    isActive = here;
    if (!here) return signaller.cancel();
    if (choice.settings.data.name === 'own') {
      engine.forgetOwn(); // Teach may have other classes now
      sampler.forget();
      signal = undefined;
    }
    const code = codeOf(choice.settings);
    if (session.state.look.lab !== code) session.update({ look: { ...session.state.look, lab: code } });
    if (!signal) ask();
    show();
  }

  enter(session.state.look.room === 'lab');
  void offerKept();
}
