// The page's model: which one a visit begins with, its download, and the choice of another.

import { announce } from '../announce.js';
import { find } from '../dom.js';
import { say } from '../i18n.js';
import { createLoader } from '../loader.js';
import { netOf } from '../session.js';
import { recall, remember } from '../settings.js';
import { isEngineFault, Residua } from '../../residua.js';
import { createChooser } from './chooser.js';
import { firstModel, roomForTwo } from './datasaver.js';
import { createProgress } from './progress.js';

/** @typedef {import('../loader.js').State} State */

/**
 * @param {object} options
 * @param {import('../session.js').Session} options.session
 * @param {() => void} options.onDeleted  A model was deleted from this device.
 * @param {(arrival: import('../arrivals.js').Arrival) => void} options.onFromTeach
 *   A file that Teach has saved was given as a model.
 */
export function createModels({ session, onDeleted, onFromTeach }) {
  const progress = createProgress({
    onStart: () => void loader.start(),
    onStop: () => loader.stop(),
    onChoose(name) {
      loader.choose({ name });
      void loader.start();
    },
  });
  const chooser = createChooser({
    onUse: choice => loader.use(choice),
    onCancel: () => (loader.state.name === 'loading' ? loader.stop() : loader.cancel()),
    onDeleted,
    onFromTeach,
  });
  const loader = createLoader({
    load: ({ choice: { name, files }, ...options }) =>
      Residua.load({ ...(files ? { file: files } : { model: name }), ...options }),
    roomForTwo,
    onChange(state) {
      progress.show(state);
      const loading = state.name === 'loading' ? { choice: loader.choice, progress: state.progress } : undefined;
      chooser.show(state.name === 'ready' ? state.net.info.model : '', loading);
      if (state.name === 'loading' && state.progress) return; // the session does not hold the progress
      if (state.name === 'ready') introduce(state);
      else session.update({ model: state });
    },
    onReplacement: replacement => chooser.show(netOf(session.state)?.info.model ?? '', replacement),
    onRefused: (choice, error) => chooser.refused(choice, error),
  });

  /** @param {State & { name: 'ready' }} state */
  function introduce(state) {
    const { info } = state.net;
    const before = session.state.info;
    if (info.kept || !info.own) remember('model', info.model);
    chooser.introduce(info);
    const { title, license, source } = info;
    const isKnown = license || source; // of a person's own model neither may be
    const credit = { title, license: license || '–', source: source || '–' };
    say(find('#model-credit', HTMLElement), isKnown ? 'footer.model' : 'footer.model.own', credit);
    if (before && before.model !== info.model) announce('models.answers', { title });
    session.update({ model: state, info });
  }

  const begun = firstModel(recall('model')).then(({ choice, otherwise, ask }) => {
    loader.choose(choice, otherwise);
    if (ask) progress.ask(ask);
    else void loader.start();
  });
  addEventListener('online', () => {
    const { state } = loader;
    const isOffline = state.name === 'failed' && state.error instanceof Error && 'code' in state.error &&
      state.error.code === 'offline';
    if (isOffline) void loader.start();
  });

  return {
    takeOwn: chooser.takeOwn,

    /** Loads another model in place of this one. @param {string} name */
    use: name => chooser.use({ name }),

    /** Starts or resumes, even if a person has stopped it. */
    start: () => void loader.start(),

    /** Starts or resumes because a photo waits, unless a person has stopped the download. */
    want() {
      const { name } = loader.state;
      if (name === 'waiting' || name === 'failed') void begun.then(() => loader.start());
    },

    /**
     * Closes the network if its engine has stopped. The next photo starts a new one. A network that was closed has made
     * place for another one already.
     * @param {any} error
     */
    retire(error) {
      if (isEngineFault(error) && error.code !== 'closed') loader.fail(error);
    },
  };
}
