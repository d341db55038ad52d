/**
 * Every page of the console as people have it before them: wide and on a phone, light and dark, Korean and English, whole pages, on
 * sheets of four that can be looked at. It says which pages scroll sideways, what is cut off, and which words are the same in both languages.
 *
 *   node tools/console-look.mjs --out DIR [--scene FILE] [--looks narrow-dark-ko,wide-dark-ko] [--pages alerts,sql] [--minutes 2]
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pages } from './lib/console-pages.mjs';
import { openBrowser, settled, signedIn } from './lib/console-visit.mjs';
import { startScene } from './lib/demo-scene.mjs';
import { option } from './lib/options.mjs';
import { say } from './lib/prepare.mjs';

const LONG_PX_MAX = 2_200;
const PER_SHEET = 4;
const SIZES = { wide: { width: 1280, height: 800 }, narrow: { width: 390, height: 844 } };
const LANGUAGES = { ko: 'ko-KR', en: 'en-US' };
const looks = Object.keys(SIZES)
  .flatMap((size) => ['dark', 'light'].map((scheme) => `${size}-${scheme}`))
  .flatMap((look) => Object.keys(LANGUAGES).map((language) => `${look}-${language}`));

const out = option('out', 'looks');
mkdirSync(out, { recursive: true });
const file = option('scene', undefined);
const scene =
  file === undefined
    ? await startScene({ minutes: Number(option('minutes', '2')), say })
    : { ...JSON.parse(readFileSync(file, 'utf8')), stop: () => undefined };
const names = option('pages', '');
const chosen = pages.filter(({ picture }) => names === '' || names.split(',').includes(picture));
const browser = await openBrowser();
const words = { ko: new Map(), en: new Map() };
try {
  for (const look of option('looks', looks.join(',')).split(',')) await take(look);
  tellSameWords();
} finally {
  await browser.close();
  await scene.stop();
}

async function take(look) {
  const [size, colorScheme, language] = look.split('-');
  const viewport = SIZES[size];
  const page = await signedIn(browser, scene, { viewport, colorScheme, locale: LANGUAGES[language] });
  page.on('pageerror', (error) => say(`${look}: ${error.message}`));
  const files = [];
  for (const [index, { picture, route, address }] of chosen.entries()) {
    await page.goto(scene.url + address({ ...scene, language }));
    await settled(page).catch((error) => say(`${look} ${picture}: ${error.message.split('\n')[0]}`));
    const taken = join(out, `${look}-${String(index).padStart(2, '0')}-${picture}.png`);
    await shootLong(page, viewport, taken);
    files.push({ file: taken, title: `${picture} ${route}` });
    for (const problem of await page.evaluate(problemsOf)) say(`${look} ${picture}: ${problem}`);
    words[language].set(`${picture} ${size}`, await page.evaluate(wordsOf));
  }
  await page.context().close();
  await sheets(look, files, size === 'wide');
  say(`${look}: ${files.length} pages`);
}

/** Pages scroll inside the frame: the window is made as high as the page is long. */
async function shootLong(page, viewport, path) {
  const more = await page.evaluate(() => {
    const content = document.querySelector('#content');
    return content === null ? 0 : content.scrollHeight - content.clientHeight;
  });
  const height = Math.min(viewport.height + Math.max(0, more), LONG_PX_MAX);
  if (more > 0) await page.setViewportSize({ width: viewport.width, height });
  await page.screenshot({ path });
  if (more > 0) await page.setViewportSize(viewport);
}

async function sheets(look, files, isWide) {
  const page = await browser.newPage({ viewport: { width: 1600, height: 900 } });
  for (let at = 0; at < files.length; at += PER_SHEET) {
    const shown = files.slice(at, at + PER_SHEET).map(({ file: taken, title }) => {
      const data = readFileSync(taken).toString('base64');
      return `<figure><figcaption>${title}</figcaption><img src="data:image/png;base64,${data}"></figure>`;
    });
    const width = isWide ? '790px' : '390px';
    const style = `body{margin:4px;display:grid;grid-template-columns:repeat(${isWide ? 2 : 4},${width});gap:6px;
      align-items:start;background:#888;font:12px sans-serif}figure{margin:0}img{width:100%}`;
    await page.setContent(`<style>${style}</style>${shown.join('')}`);
    await page.screenshot({ path: join(out, `sheet-${look}-${at / PER_SHEET}.png`), fullPage: true });
  }
  await page.close();
}

/** In the page: what is wider than its place, and text that is cut without an ellipsis. */
function problemsOf() {
  const problems = [];
  const wide = document.documentElement.scrollWidth - innerWidth;
  if (wide > 0) problems.push(`scrolls sideways by ${wide} px`);
  for (const element of document.querySelectorAll('#content *')) {
    const { overflowX, textOverflow } = getComputedStyle(element);
    const over = element.scrollWidth - element.clientWidth;
    const text = element.textContent.trim().slice(0, 60);
    if (
      overflowX === 'hidden' &&
      textOverflow !== 'ellipsis' &&
      over > 1 &&
      element.clientWidth > 0 &&
      text !== ''
    )
      problems.push(`cut by ${over} px: <${element.tagName} ${element.className}> ${text}`);
    const box = element.getBoundingClientRect();
    const isClipped = element.closest('.table, pre, .map-place, [data-scroll], .waterfall') !== null;
    if (
      !isClipped &&
      box.width > 0 &&
      box.right > innerWidth + 1 &&
      text !== '' &&
      element.children.length === 0
    )
      problems.push(`beyond the window: <${element.tagName} ${element.className}> ${text}`);
  }
  return problems.slice(0, 8);
}

function wordsOf() {
  const parts =
    'h1, h2, h3, th, button, label, legend, option, dt, summary, .muted, .chip, .tag, a, p, [aria-label]';
  const texts = [...document.querySelectorAll(parts)].flatMap((element) => [
    element.innerText,
    element.getAttribute('aria-label'),
    element.getAttribute('title'),
  ]);
  const lines = texts.flatMap((text) => (text ?? '').split('\n')).map((line) => line.trim());
  return [...new Set(lines.filter((line) => /[A-Za-z]{2}/.test(line)))];
}

/** Data is the same in both languages, and so is what nobody has translated. */
function tellSameWords() {
  const lines = [];
  for (const [name, list] of words.ko) {
    const english = new Set(words.en.get(name) ?? []);
    const same = list.filter((text) => !/[가-힣]/.test(text) && (english.size === 0 || english.has(text)));
    lines.push(`${name}\n${same.map((text) => `    ${text.slice(0, 140)}`).join('\n')}`);
  }
  writeFileSync(join(out, 'same-words.txt'), lines.join('\n'));
  say(`words that are the same in both languages: ${basename(out)}/same-words.txt`);
}
