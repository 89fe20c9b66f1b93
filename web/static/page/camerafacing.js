// Which way a camera faces.

/**
 * Cameras that film something else than the person before the computer: those of a phone's back, for documents and
 * small things, and what is no camera, such as a cable from another device.
 */
const away = new RegExp([
  'back|rear|environment|world|document|desk ?view|overhead|visuali[sz]er|ipevo|microscope|endoscope|borescope',
  'capture|hdmi|\\bsdi\\b|cam ?link|grabber|virtual|\\bobs\\b|\\bndi\\b|droidcam|iriun',
  '后置|后摄|文档|采集|虚拟|屏幕|显微',
].join('|'), 'i');

/**
 * Whether a camera faces the person. Most browsers on computers do not say; there it does, unless its name says else.
 * @param {string | undefined} facingMode  as the browser has it
 * @param {string} label  the camera's name
 */
export const isFront = (facingMode, label) => (facingMode ? facingMode === 'user' : !away.test(label));
