// Runs in the page that is tested: finds what a person sees, by role and text. screen.mjs puts it there, after
// @testing-library/dom. A name is a string, which must be all of it, or { source, flags } of a regular expression.

globalThis.residuaScreen = (() => {
  /** @typedef {string | { source: string, flags: string }} Words */
  /** @typedef {{ role: string, name?: Words }} Part */

  const library = /** @type {any} */ (globalThis).TestingLibraryDom;
  const matcher = (/** @type {Words | undefined} */ words) =>
    (words && typeof words === 'object' ? new RegExp(words.source, words.flags) : words);

  /** @param {Element} element */
  const isShown = element =>
    (element.checkVisibility?.({ visibilityProperty: true }) ?? element.getClientRects().length > 0)
    && !element.closest('[aria-hidden="true"], [inert]');

  /**
   * The elements of a role and a name, in the last of some parts of the page.
   * @param {Part[]} path
   * @returns {HTMLElement[]}
   */
  function find(path) {
    let scopes = [document.body];
    for (const { role, name } of path) {
      const options = { hidden: true, ...(name === undefined ? {} : { name: matcher(name) }) };
      scopes = scopes.flatMap(scope => library.queryAllByRole(scope, role, options)).filter(isShown);
    }
    return scopes;
  }

  /** The smallest elements whose words match. @param {Words} words @param {Part[]} path @returns {HTMLElement[]} */
  function findText(words, path) {
    const wanted = matcher(words);
    const of = (/** @type {Element} */ element) => (element.textContent ?? '').replace(/\s+/g, ' ').trim();
    const matches = (/** @type {Element} */ element) =>
      (wanted instanceof RegExp ? wanted.test(of(element)) : of(element).includes(String(wanted)));
    return find(path).flatMap(scope => /** @type {HTMLElement[]} */ ([scope, ...scope.querySelectorAll('*')]))
      .filter(element => matches(element) && ![...element.children].some(matches))
      .filter(element => !element.closest('script, style') && isShown(element));
  }

  let arrived = false;

  return {
    count: (/** @type {Part[]} */ path) => find(path).length,
    texts: (/** @type {Part[]} */ path) => find(path).map(element => element.innerText.trim()),
    said: (/** @type {Words} */ words, /** @type {Part[]} */ path) =>
      findText(words, path)[0]?.innerText.trim() ?? null,

    /**
     * Scrolls the first one into view.
     * @returns where its middle is, once it has stopped moving; null: there is none that can be used
     */
    async middle(/** @type {Part[]} */ path) {
      const element = find(path).find(element => !(/** @type {HTMLButtonElement} */ (element).disabled));
      if (!element) return null;
      element.scrollIntoView({ block: 'center', behavior: 'instant' });
      let last = element.getBoundingClientRect();
      for (let i = 0; i < 20; i++) {
        await new Promise(done => setTimeout(done, 30));
        const box = element.getBoundingClientRect();
        if (box.x === last.x && box.y === last.y) break;
        last = box;
      }
      const [x, y] = [last.x + last.width / 2, last.y + last.height / 2];
      const top = document.elementFromPoint(x, y);
      return element.contains(top) || top?.contains(element) ? { x, y, width: last.width, height: last.height } : null;
    },

    /**
     * Notes whether the next click comes to the first one that can be used: what is round it may move it away from
     * under the mouse.
     */
    expectClick(/** @type {Part[]} */ path) {
      arrived = false;
      const usable = find(path).find(element => !(/** @type {HTMLButtonElement} */ (element).disabled));
      usable?.addEventListener('click', () => { arrived = true; }, { capture: true, once: true });
    },

    clicked: () => arrived,

    /** Chooses an option by its words. */
    select(/** @type {Part[]} */ path, /** @type {string} */ label) {
      const [element] = /** @type {HTMLSelectElement[]} */ (find(path));
      const option = [...(element?.options ?? [])].find(({ text }) => text === label);
      if (!option) return false;
      element.value = option.value;
      element.dispatchEvent(new Event('input', { bubbles: true }));
      element.dispatchEvent(new Event('change', { bubbles: true }));
      return true;
    },

    value: (/** @type {Part[]} */ path) => /** @type {HTMLInputElement | undefined} */ (find(path)[0])?.value ?? null,

    /** From now on a button that would open the browser's chooser of files gets these instead. */
    answerChooser(/** @type {{ name: string, base64: string }[]} */ files) {
      const open = HTMLInputElement.prototype.click;
      HTMLInputElement.prototype.click = function () {
        if (this.type !== 'file') return open.call(this);
        HTMLInputElement.prototype.click = open;
        const data = new DataTransfer();
        for (const file of files) data.items.add(fileOf(file));
        this.files = data.files;
        this.dispatchEvent(new Event('change', { bubbles: true }));
      };
    },

    /** Puts a button on the page that copies a picture: browsers let a page copy only what a person asks for. */
    offerCopy(/** @type {{ name: string, base64: string }} */ file) {
      const button = Object.assign(document.createElement('button'), { textContent: 'Copy a picture' });
      button.style.cssText = 'position: fixed; inset: 200px auto auto 200px; z-index: 9';
      button.onclick = () => {
        const png = createImageBitmap(fileOf(file)).then(bitmap => {
          const { width, height } = bitmap;
          const canvas = Object.assign(document.createElement('canvas'), { width, height });
          canvas.getContext('2d')?.drawImage(bitmap, 0, 0);
          return new Promise(done => canvas.toBlob(blob => done(/** @type {Blob} */ (blob)), 'image/png'));
        });
        const item = new ClipboardItem({ 'image/png': /** @type {Promise<Blob>} */ (png) });
        const written = navigator.clipboard.write([item]);
        written
          .then(() => { document.title = 'copied'; }, error => { document.title = `not copied: ${error}`; })
          .finally(() => button.remove());
      };
      document.body.append(button);
    },

    /** Lets files fall on an element. */
    drop(/** @type {{ name: string, base64: string }[]} */ files, /** @type {Part[]} */ path) {
      const onto = path.length > 0 ? find(path)[0] : document.body;
      const dataTransfer = new DataTransfer();
      for (const file of files) dataTransfer.items.add(fileOf(file));
      for (const type of ['dragenter', 'dragover', 'drop']) {
        onto?.dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer }));
      }
      return !!onto;
    },
  };

  /** @param {{ name: string, base64: string }} file */
  function fileOf({ name, base64 }) {
    /** @type {Record<string, string>} */
    const types = { jpg: 'image/jpeg', png: 'image/png', zip: 'application/zip' };
    const type = types[name.split('.').at(-1) ?? ''] ?? '';
    return new File([Uint8Array.from(atob(base64), sign => sign.charCodeAt(0))], name, { type });
  }
})();
