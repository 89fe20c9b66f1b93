// Sets the theme and the language before the first paint. It is a classic script because a module would run too late
// and the page would flash. theme.js and i18n.js take over from here; they use the same two storage keys.
(() => {
  const page = document.documentElement;

  /** @param {string} key */
  const recall = key => {
    try {
      return localStorage.getItem(key);
    } catch {
      return null; // storage is disabled; the page works without it
    }
  };

  const theme = recall('residua.theme');
  const dark = theme === 'dark' || (theme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  page.dataset.theme = dark ? 'dark' : 'light';

  const language = recall('residua.language') ?? navigator.language;
  page.lang = /^zh\b/i.test(language) ? 'zh-Hans' : 'en';
  // The text in index.html is English. CSS hides it while another language loads.
  if (page.lang !== 'en') page.dataset.words = 'coming';
})();
