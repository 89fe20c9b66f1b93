// Skip lab: residual and plain networks learn side by side. choice.js has the settings, runner.js the run, scenes.js
// what the stage shows of them, and here they meet the parts that show the rest.

import { uniqueName } from '../../common/platform.js';
import { find } from '../dom.js';
import { save } from '../download.js';
import { onLanguage } from '../i18n.js';
import { isEngineFault } from '../../residua.js';
import { createAnalyses } from './analyses.js';
import { createChoice } from './choice.js';
import { codeOf, settingsOf } from './code.js';
import { createEarlier } from './earlier.js';
import { createFeed } from './feed.js';
import { createLessonCards } from './lessoncards.js';
import { createSettingsHead, layOut } from './layout.js';
import { namesOf } from './names.js';
import { createNetworks } from './networks.js';
import { createEngine } from './open.js';
import { createPictures, sampleCount } from './pictures.js';
import { createResults } from './results.js';
import { createRunBar } from './runbar.js';
import { curvesFile, networkFile } from './runfiles.js';
import { createRunLock } from './runlock.js';
import { createRunner } from './runner.js';
import { createRunStore } from './runstore.js';
import { createSampler } from './sampler.js';
import { createSaving } from './saving.js';
import { createScenes } from './scenes.js';
import { defaultSettings, isSame, lessonOf, lessons } from './settings.js';
import { createSignaller } from './signaller.js';
import { createStage } from './stage.js';
import { createTraining } from './training.js';

/** @typedef {import('./types.js').Settings} Settings */

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
  let isActive = false;

  const lessonCards = createLessonCards({
    onChoose(name) {
      scenes.choose('signal');
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
      scenes.choose(next);
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
  const signaller = createSignaller({
    lab,
    onSignal(answer, settings) {
      if (!isSame(settings, choice.settings)) return;
      run.fail();
      scenes.setSignal(answer);
      networks.showFacts(answer.networks);
      stage.chart.show(answer.networks, namesOf(settings.networks));
      showStage();
    },
    onFail(error) {
      scenes.setSignal('none');
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
        earlier.hide();
      }
      if (state === 'running') scenes.choose('heat');
      if (runner.isRunning) signaller.cancel();
      else if (!scenes.hasSignal) ask(); // a run that began at once has come in before it
      show();
    },
    onBegin: show,
    onStep(report, record) {
      feed.step(report, record);
      const names = namesOf(record.settings.networks);
      results.grow(record, names);
      showRun();
      if (scenes.scene === 'heat' && report.step === 1) showStage();
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

  const scenes = createScenes({ stage, feed, choice, runner, analyses, isChanged });
  const earlier = createEarlier({ store: runStore, runner, onSettings: choose });
  const settingsElement = layOut(find('#skip-lab', HTMLElement), {
    offer: earlier, lessons: lessonCards, stage, results, saving, head, networks, pictures, training, run,
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
    void earlier.offer();
  }

  /** @param {Settings} next */
  function choose(next) {
    if (choice.set(next)) chosen();
  }

  /** Other settings are chosen. */
  function chosen() {
    scenes.setSignal();
    const lab = codeOf(choice.settings);
    if (session.state.look.lab !== lab) session.update({ look: { ...session.state.look, lab } });
    ask();
    show();
  }

  function ask() {
    if (!isActive || runner.isRunning) return;
    scenes.setSignal();
    signaller.ask(choice.settings);
    sampler.ask(choice.settings.data);
  }

  /** Whether the run's settings are no longer those that are chosen. */
  function isChanged() {
    return !!runner.record && !isSame(runner.record.settings, choice.settings);
  }

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
    const isBusy = runner.isRunning || analyses.isBusy;
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
    if (isActive) scenes.show();
  }

  /** @param {number} network @param {import('./saving.js').Way} way */
  async function take(network, way) {
    const { record, engine } = runner;
    if (!record || !engine) return;
    const file = await networkFile(engine, record, network, way === 'onnx' ? 'onnx' : 'safetensors');
    if (way === 'classify' || way === 'look') onOpen(file, way);
    else save(file, file.name);
  }

  function saveCurves() {
    if (!runner.record) return;
    const file = curvesFile(runner.record);
    save(file, file.name);
  }

  async function savePicture() {
    save(await stage.canvas.picture(), 'residua-lab.png');
  }

  session.subscribe((now, before) => {
    const isHere = now.look.room === 'lab';
    if (isHere !== (before.look.room === 'lab')) enter(isHere);
    if (isHere && now.look.lab !== before.look.lab && now.look.lab !== codeOf(choice.settings)) {
      // While something is computed the settings stay, and so the address has them again.
      if (runner.isRunning || analyses.isBusy) session.update({ look: { ...now.look, lab: codeOf(choice.settings) } });
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
      scenes.setSignal();
    }
    const code = codeOf(choice.settings);
    if (session.state.look.lab !== code) session.update({ look: { ...session.state.look, lab: code } });
    if (!scenes.hasSignal) ask();
    show();
  }

  enter(session.state.look.room === 'lab');
  void earlier.offer();
}
