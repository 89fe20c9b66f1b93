// What every part of the room is given.

import { createThumbnails } from './thumbnails.js';
import { isEngineFault } from '../../residua.js';

/** @typedef {import('../../residua.js').Teacher} Teacher */
/** @typedef {import('../../residua.js').Run} Run */
/** @typedef {import('../../residua.js').PictureRecord} PictureRecord */
/** @typedef {import('../../residua.js').ClassWithPictures} ClassWithPictures */

/**
 * @typedef {object} TeachContext
 * @property {Teacher | undefined} teacher  undefined: no network has come yet
 * @property {boolean} hasEngine  without one the teacher only shows what there is
 * @property {boolean} readOnly  another tab has the project
 * @property {boolean} training  a training is running
 * @property {'' | 'filling' | 'teaching'} lesson  its pictures come in, or it is taught for the first time
 * @property {import('./messages.js').Messages} messages
 * @property {import('./thumbnails.js').Thumbnails} thumbnails
 * @property {() => Promise<Teacher>} ready  waits for a teacher with an engine
 * @property {(error: unknown) => void} onEngineFault  hears of errors after which the engine may be of no use
 * @property {(error: unknown) => void} onError  hears of any error: an engine fault goes there, others are shown
 * @property {() => void} show  brings the whole room up to date
 * @property {() => void} showSoon  the same, a moment later, for changes that come in numbers
 */

/**
 * @param {{
 *   project: import('./project.js').Project,
 *   messages: import('./messages.js').Messages,
 *   show: () => void,
 *   showSoon: () => void,
 * }} options
 * @returns {TeachContext}
 */
export function createContext({ project, messages, show, showSoon }) {
  return {
    get teacher() {
      return project.teacher;
    },
    get hasEngine() {
      return project.hasEngine;
    },
    get readOnly() {
      return project.readOnly;
    },
    training: false,
    lesson: '',
    messages,
    thumbnails: createThumbnails({ blob: async id => (await project.ready()).blob(id) }),
    ready: project.ready,
    onEngineFault: project.onEngineFault,
    onError(error) {
      if (isEngineFault(error)) project.onEngineFault(error);
      else messages.error(error);
    },
    show,
    showSoon,
  };
}
