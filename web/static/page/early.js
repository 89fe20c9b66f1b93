// What must be known before the first paint: the theme and the language. A classic script, for a module would run too
// late and the page would flash. theme.js and i18n.js take over from here; they use the same two keys.
(() => {
  const page = document.documentElement;

  /** @param {string} key */
  const recall = key => {
    try {
      return localStorage.getItem(key);
    } catch {
      return null; // storage is switched off: the page works without it
    }
  };

  const theme = recall('residua.theme');
  const dark = theme === 'dark' || (theme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  page.dataset.theme = dark ? 'dark' : 'light';

  const language = recall('residua.language') ?? navigator.language;
  page.lang = /^zh\b/i.test(language) ? 'zh-Hans' : 'en';
  // The words in index.html are English. Hide them for the moment that the other table takes to come.
  if (page.lang !== 'en') page.dataset.words = 'coming';
})();
