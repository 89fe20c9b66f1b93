// The page and the canvas, which is a document of its own, write probabilities in the same way.

/**
 * A probability in percent. Values near 0 and 1 become "< 0.1 %" and "> 99.9 %", so that nothing reads as impossible or
 * certain.
 * @param {string} language
 * @param {number} probability 0…1
 */
export function percentIn(language, probability) {
  const digits = { minimumFractionDigits: 1, maximumFractionDigits: 1 };
  const { format } = new Intl.NumberFormat(language, { style: 'percent', ...digits });
  if (probability < 0.0005) return `< ${format(0.001)}`;
  if (probability >= 0.9995) return `> ${format(0.999)}`;
  return format(probability);
}
