// The page and the canvas, which is a document of its own, write probabilities in the same way.

/** By language: to make one takes longer than to use it. @type {Map<string, Intl.NumberFormat>} */
const formatters = new Map();

/** @param {string} language */
function formatterOf(language) {
  const known = formatters.get(language);
  if (known) return known;
  const made = new Intl.NumberFormat(language, {
    style: 'percent', minimumFractionDigits: 1, maximumFractionDigits: 1,
  });
  formatters.set(language, made);
  return made;
}

/**
 * A probability in percent. Values near 0 and 1 become "< 0.1 %" and "> 99.9 %", so that nothing reads as impossible or
 * certain.
 * @param {string} language
 * @param {number} probability 0…1
 */
export function percentIn(language, probability) {
  const { format } = formatterOf(language);
  if (probability < 0.0005) return `< ${format(0.001)}`;
  if (probability >= 0.9995) return `> ${format(0.999)}`;
  return format(probability);
}
