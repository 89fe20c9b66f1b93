// A dialog with one question and a few answers.

import { make } from './dom.js';
import { say } from './i18n.js';

/**
 * Asks a person.
 * @template {string} Answer
 * @param {object} question  in keys of the page's texts
 * @param {string} question.title
 * @param {string} question.text
 * @param {import('./i18n.js').Values} question.values
 * @param {Partial<Record<Answer, string>>} question.answers  The first is the proposed one.
 * @returns {Promise<Answer | undefined>} undefined: none of them, for the dialog was closed
 */
export function ask({ title, text, values, answers }) {
  const heading = make('h2');
  heading.id = 'question-title';
  say(heading, title);
  const sentence = make('p');
  say(sentence, text, values);
  const row = make('div', 'question-answers');
  const element = make('dialog', 'question', heading, sentence, row);
  element.setAttribute('aria-labelledby', heading.id);
  /** @type {Answer | undefined} */
  let chosen;
  /** @param {string} key @param {string} className @param {Answer} [answer] */
  const add = (key, className, answer) => {
    const button = make('button', className);
    button.type = 'button';
    say(button, key);
    button.addEventListener('click', () => {
      chosen = answer;
      element.close();
    });
    row.append(button);
  };
  /** @type {[Answer, string][]} */ (Object.entries(answers))
    .forEach(([answer, key], i) => add(key, i === 0 ? 'main' : 'plain', answer));
  add('files.ask.no', 'quiet');
  document.body.append(element);
  element.showModal();
  return new Promise(done => element.addEventListener('close', () => {
    element.remove();
    done(chosen);
  }));
}
